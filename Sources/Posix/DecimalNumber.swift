/// Whole numbers in the texts of the machine: digits only, for `Int(text)` would take a sign.
enum DecimalNumber {
  static func read(_ text: String, max: Int) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 18 else { return nil }
    var value = 0
    for byte in text.utf8 {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value <= max ? value : nil
  }
}
