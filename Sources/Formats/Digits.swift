/// Numbers on the wire: digits and nothing else. `Int(text)` takes `+5`, and is not for texts from outside.
public enum Digits {
  /// The number that the bytes spell, all of them, at least one (`1*DIGIT`); nil otherwise, and above `max`.
  /// Leading zeros are taken.
  public static func int(_ bytes: some Sequence<UInt8>, max: Int64 = .max) -> Int64? {
    var value: Int64 = 0
    var isEmpty = true
    for byte in bytes {
      let digit = byte &- 0x30
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(digit))
      guard !overflow, !carry, sum <= max else { return nil }
      value = sum
      isEmpty = false
    }
    return isEmpty ? nil : value
  }

  public static func int(_ text: String, max: Int64 = .max) -> Int64? { int(text.utf8, max: max) }

  public static func int(_ text: Substring, max: Int64 = .max) -> Int64? { int(text.utf8, max: max) }

  /// The value of one hexadecimal digit of either case.
  public static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
