/// Salesforce's ids: 15 characters that depend on their case, or the same 15 with three more that say it.
public enum SalesforceID {
  /// The form of 18 characters; nil unless it is 15 or 18 letters and digits. The last three of 18 are taken as they
  /// came.
  public static func normalized(_ text: String) -> String? {
    var text = text
    return text.withUTF8 { normalized($0) }
  }

  /// The same of bytes, in place.
  static func normalized(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard isOne(bytes) else { return nil }
    guard bytes.count == 15 else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: Array(bytes) + suffix(of: Array(bytes)), as: UTF8.self)
  }

  private static func isOne(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    (bytes.count == 18 || bytes.count == 15) && bytes.allSatisfy(isPart)
  }

  /// Whether the last three characters are the ones that the first fifteen ask for.
  static func isConsistent(_ text: String) -> Bool {
    guard let whole = normalized(text) else { return false }
    return whole.utf8.suffix(3).elementsEqual(suffix(of: Array(whole.utf8.prefix(15))))
  }

  /// Compares both ids, whatever their forms, without what follows the fifteenth character; in constant time.
  static func isSame(_ one: String, _ other: String) -> Bool {
    var (one, other) = (one, other)
    return one.withUTF8 { one in
      other.withUTF8 { other in
        guard isOne(one), isOne(other) else { return false }
        var differences: UInt8 = 0
        for place in 0..<15 { differences |= one[place] ^ other[place] }
        return differences == 0
      }
    }
  }

  /// A letter or digit for each five characters: bit j is set where character j is a capital.
  static func suffix(of bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: 15, by: 5).map { start in
      var bits = 0
      for offset in 0..<5 where (0x41...0x5A).contains(bytes[start + offset]) { bits |= 1 << offset }
      return bits < 26 ? UInt8(0x41 + bits) : UInt8(0x30 + bits - 26)
    }
  }

  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  /// The organization that an endpoint is configured with, 18 characters.
  static func organization(_ settings: SourceSettings) throws(SettingsProblem) -> String {
    guard let text = settings.organization else {
      throw SettingsProblem("organization", "say which organization the endpoint belongs to")
    }
    guard let id = normalized(text), isConsistent(text) else {
      throw SettingsProblem("organization", "an organization's id has 15 or 18 characters, the last three of 18 right")
    }
    return id
  }
}
