extension ExactDecimal: CustomStringConvertible {
  /// Reads a decimal as JSON and XML write it: `-`, digits with a point somewhere or nowhere, an exponent.
  ///
  /// Takes what systems really send: `.5` (NetSuite's query results), `007` (XML Schema). Refuses `+5`, spaces, `NaN`,
  /// more than 38 digits, and more than 38 places.
  public init?(_ text: String) {
    var text = text
    let parsed = text.withUTF8 { Self.parse($0) }
    guard let parsed else { return nil }
    self = parsed
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> ExactDecimal? {
    var index = 0
    var isNegative = false
    if bytes.first == UInt8(ascii: "-") {
      isNegative = true
      index = 1
    }
    var coefficient: Int128 = 0
    var digits = 0
    var places: Int?
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "."), places == nil {
        places = 0
      } else if byte &- 0x30 < 10 {
        guard let tenfold = product(coefficient, 10), tenfold <= Int128.max - 9 else { return nil }
        coefficient = tenfold + Int128(byte - 0x30)
        digits += 1
        if let count = places { places = count + 1 }
      } else {
        break
      }
      index += 1
    }
    guard digits > 0, let exponent = exponent(bytes[index...]) else { return nil }
    // Zero is zero at any exponent; its places still have to be few enough to print.
    let scale = (places ?? 0) - exponent
    if coefficient == 0 { return ExactDecimal(unchecked: 0, scale: min(max(scale, 0), maxScale)) }
    return shrunk(isNegative ? -coefficient : coefficient, scale)
  }

  /// `1.50e-38` has more places than fit but needs fewer: zeros at the end may go.
  private static func shrunk(_ coefficient: Int128, _ scale: Int) -> ExactDecimal? {
    var coefficient = coefficient
    var scale = scale
    while scale > maxScale, coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    return ExactDecimal(coefficient: coefficient, scale: scale)
  }

  /// Nothing is 0; nil unless it is `e`, an optional sign and one to four digits.
  private static func exponent(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    guard let first = bytes.first else { return 0 }
    guard first | 0x20 == UInt8(ascii: "e") else { return nil }
    var rest = bytes.dropFirst()
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    guard let value = Digits.int(rest, max: 9999) else { return nil }
    return Int(isNegative ? -value : value)
  }

  /// Plain digits, never an exponent, with the places it was given.
  public var description: String {
    var digits = Array(String(coefficient.magnitude).utf8)
    if digits.count <= scale {
      digits.insert(contentsOf: [UInt8](repeating: 0x30, count: scale + 1 - digits.count), at: 0)
    }
    if scale > 0 { digits.insert(UInt8(ascii: "."), at: digits.count - scale) }
    if isNegative { digits.insert(UInt8(ascii: "-"), at: 0) }
    return String(decoding: digits, as: UTF8.self)
  }
}
