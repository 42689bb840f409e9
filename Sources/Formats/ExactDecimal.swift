/// A decimal number, exact: a coefficient of up to 38 digits, times ten to the power of minus `scale`.
///
/// `1.10` and `1.1` are equal; each prints as it was written. Nothing here traps and nothing rounds unasked: what does
/// not fit is nil.
public struct ExactDecimal: Sendable {
  public let coefficient: Int128
  /// Digits after the point, 0…`maxScale`.
  public let scale: Int

  public static let maxScale = 38
  public static let zero = ExactDecimal(Int64(0))

  public init(_ value: Int64) {
    coefficient = Int128(value)
    scale = 0
  }

  /// Nil when the scale is out of bounds. A negative scale is multiplied out.
  public init?(coefficient: Int128, scale: Int) {
    if scale < 0 {
      guard let power = Self.power(-scale), let whole = Self.product(coefficient, power) else { return nil }
      self.init(unchecked: whole, scale: 0)
    } else {
      guard scale <= Self.maxScale, coefficient != .min else { return nil }
      self.init(unchecked: coefficient, scale: scale)
    }
  }

  init(unchecked coefficient: Int128, scale: Int) {
    self.coefficient = coefficient
    self.scale = scale
  }

  public var isZero: Bool { coefficient == 0 }
  public var isNegative: Bool { coefficient < 0 }
  public var negated: ExactDecimal { ExactDecimal(unchecked: -coefficient, scale: scale) }
  public var magnitude: ExactDecimal { isNegative ? negated : self }

  /// The value when it is whole and fits.
  public var intValue: Int64? {
    let simple = normalized
    return simple.scale == 0 ? Int64(exactly: simple.coefficient) : nil
  }

  /// Without zeros at the end of its fraction.
  public var normalized: ExactDecimal {
    guard scale > 0 else { return self }
    var coefficient = coefficient
    var scale = scale
    while scale > 0 {
      let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
      guard remainder == 0 else { break }
      coefficient = quotient
      scale -= 1
    }
    return ExactDecimal(unchecked: coefficient, scale: scale)
  }

  static func power(_ exponent: Int) -> Int128? {
    powers.indices.contains(exponent) ? powers[exponent] : nil
  }

  /// Nil on overflow; the least Int128 counts as one, so that every coefficient has its negative.
  static func product(_ left: Int128, _ right: Int128) -> Int128? {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow || product == .min ? nil : product
  }

  private static let powers: [Int128] = {
    var powers: [Int128] = [1]
    for _ in 0..<maxScale { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()
}

extension ExactDecimal: Hashable, Comparable {
  public static func == (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.scale == right.scale { return left.coefficient == right.coefficient }
    let (left, right) = (left.normalized, right.normalized)
    return left.scale == right.scale && left.coefficient == right.coefficient
  }

  public func hash(into hasher: inout Hasher) {
    let simple = normalized
    hasher.combine(simple.coefficient)
    hasher.combine(simple.scale)
  }

  public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.scale <= right.scale {
      guard let left = left.coefficient(atScale: right.scale) else { return left.isNegative }
      return left < right.coefficient
    }
    guard let right = right.coefficient(atScale: left.scale) else { return !right.isNegative }
    return left.coefficient < right
  }

  /// The coefficient that the same value has at a larger scale; nil when no coefficient is that large, and then the
  /// value is further from zero than any other of that scale.
  func coefficient(atScale wanted: Int) -> Int128? {
    guard let power = Self.power(wanted - scale) else { return nil }
    return Self.product(coefficient, power)
  }
}
