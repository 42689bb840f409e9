/// Salesforce record ids: 15 characters that tell case apart, and 3 that make them safe where case is lost.
///
/// The three come from the first fifteen: for each chunk of five, bit j is set if character j is A–Z; the number picks
/// a letter (facts page "What Salesforce sends", 1.5).
enum SalesforceID {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".utf8)
  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  /// The 18-character form of 15 or 18 characters; nil where they are no id, or their checksum is wrong.
  static func normalise(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count == 15 || bytes.count == 18, bytes.allSatisfy(isAlphanumeric) else { return nil }
    let full = String(decoding: bytes[..<15] + checksum(bytes[..<15]), as: UTF8.self)
    // Salesforce takes the suffix in any case.
    if bytes.count == 18, full.suffix(3) != text.suffix(3).uppercased() { return nil }
    return full
  }

  /// The id number `number` of the objects whose ids begin with `prefix` (three characters).
  static func make(prefix: String, instance: String = "7F0", number: UInt64) -> String {
    var rest = number
    var tail: [UInt8] = []
    for _ in 0..<9 {
      tail.append(digits[Int(rest % 62)])
      rest /= 62
    }
    let short = Array(prefix.utf8) + Array(instance.utf8) + tail.reversed()
    return String(decoding: short + checksum(short[...]), as: UTF8.self)
  }

  private static func checksum(_ short: ArraySlice<UInt8>) -> [UInt8] {
    let bytes = Array(short)
    return (0..<3).map { chunk in
      let bits = (0..<5).reduce(0) { bits, place in
        let byte = bytes[chunk * 5 + place]
        return byte >= 0x41 && byte <= 0x5A ? bits | (1 << place) : bits
      }
      return alphabet[bits]
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
  }
}
