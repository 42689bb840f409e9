/// Base64 (RFC 4648 4). Only the one canonical text of some octets is read: padded, no white space, unused bits zero.
public enum Base64 {
  public static func encode(_ bytes: some Sequence<UInt8>) -> String { Alphabet.standard.encode(bytes, padded: true) }

  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var digits = Array(text.utf8)
    guard digits.count % 4 == 0 else { return nil }
    for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
    // After one "=" three digits are left of the last group, after two "=" two.
    return Alphabet.standard.decode(digits, count: text.utf8.count)
  }
}

/// Base64url without padding (RFC 4648 5, RFC 7515 2), canonical only.
public enum Base64URL {
  public static func encode(_ bytes: some Sequence<UInt8>) -> String { Alphabet.url.encode(bytes, padded: false) }

  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    return Alphabet.url.decode(digits, count: (digits.count + 3) / 4 * 4)
  }
}

/// The sixty-four digits and what six bits each mean.
private struct Alphabet: Sendable {
  static let standard = Alphabet("+/")
  static let url = Alphabet("-_")

  private static let invalid: UInt8 = 0xFF
  private let digits: [UInt8]
  private let values: [UInt8]

  private init(_ last: String) {
    digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(last.utf8)
    var values = [UInt8](repeating: Self.invalid, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    self.values = values
  }

  func encode(_ bytes: some Sequence<UInt8>, padded: Bool) -> String {
    var text: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(digits[Int(pending >> UInt32(bits)) & 63])
      }
      pending &= 0xFF
    }
    if bits > 0 { text.append(digits[Int(pending << UInt32(6 - bits)) & 63]) }
    if padded { while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) } }
    return String(decoding: text, as: UTF8.self)
  }

  /// `count` is the length with padding: it has to be the next multiple of four, so a needless `=` is refused.
  func decode(_ text: [UInt8], count: Int) -> [UInt8]? {
    guard text.count % 4 != 1, (text.count + 3) / 4 * 4 == count else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3 + 2)
    var pending: UInt32 = 0
    var bits = 0
    for digit in text {
      let value = values[Int(digit)]
      guard value != Self.invalid else { return nil }
      pending = (pending << 6 | UInt32(value)) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
      }
    }
    guard pending & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
    return bytes
  }
}
