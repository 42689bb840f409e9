/// Salesforce's ids: 15 characters that depend on their case, or the same 15 with three more that say it.
public enum SalesforceID {
  /// The form of 18 characters; nil unless it is 15 or 18 letters and digits. The last three of 18 are taken as they
  /// came.
  public static func normalized(_ text: String) -> String? {
    let count = text.utf8.count
    guard count == 18 || count == 15, text.utf8.allSatisfy(isPart) else { return nil }
    return count == 18 ? text : text + String(decoding: suffix(of: Array(text.utf8)), as: UTF8.self)
  }

  /// Whether the last three characters are the ones that the first fifteen ask for.
  static func isConsistent(_ text: String) -> Bool {
    guard let whole = normalized(text) else { return false }
    return whole.utf8.suffix(3).elementsEqual(suffix(of: Array(whole.utf8.prefix(15))))
  }

  /// Compares both ids, whatever their forms, without what follows the fifteenth character; in constant time.
  static func isSame(_ one: String, _ other: String) -> Bool {
    guard normalized(one) != nil, normalized(other) != nil else { return false }
    return zip(one.utf8.prefix(15), other.utf8.prefix(15)).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
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
