extension ExactDecimal {
  public enum Rounding: Sendable, Hashable, CaseIterable {
    /// A half goes away from zero, as people round money.
    case halfUp
    /// A half goes to the even neighbour.
    case halfEven
    /// Towards zero.
    case down
  }

  /// Exact; nil when it does not fit.
  public func adding(_ other: ExactDecimal) -> ExactDecimal? {
    let wanted = max(scale, other.scale)
    guard let left = coefficient(atScale: wanted), let right = other.coefficient(atScale: wanted) else {
      let (left, right) = (normalized, other.normalized)
      return left.scale < scale || right.scale < other.scale ? left.adding(right) : nil
    }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : ExactDecimal(coefficient: sum, scale: wanted)
  }

  /// Exact; nil when it does not fit.
  public func subtracting(_ other: ExactDecimal) -> ExactDecimal? { adding(other.negated) }

  /// Exact, with the places of both; nil when it does not fit.
  public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
    if scale + other.scale <= Self.maxScale, let product = Self.product(coefficient, other.coefficient) {
      return ExactDecimal(unchecked: product, scale: scale + other.scale)
    }
    let (left, right) = (normalized, other.normalized)
    guard left.scale < scale || right.scale < other.scale else { return nil }
    return left.multiplied(by: right)
  }

  /// The quotient with exactly `scale` places; nil by zero, and when it does not fit.
  public func dividing(by divisor: ExactDecimal, scale wanted: Int, rounding: Rounding) -> ExactDecimal? {
    guard !divisor.isZero, (0...Self.maxScale).contains(wanted) else { return nil }
    let shift = wanted + divisor.scale - scale
    guard
      let quotient = Self.quotient(
        coefficient.magnitude, shift, divisor.coefficient.magnitude, rounding),
      let magnitude = Int128(exactly: quotient)
    else { return nil }
    return ExactDecimal(coefficient: isNegative != divisor.isNegative ? -magnitude : magnitude, scale: wanted)
  }

  /// With exactly `scale` places. More places than it has are zeros; where those do not fit it stays as it is.
  public func rounded(scale wanted: Int, _ rounding: Rounding) -> ExactDecimal {
    let wanted = min(max(wanted, 0), Self.maxScale)
    if wanted >= scale {
      guard let more = coefficient(atScale: wanted) else { return self }
      return ExactDecimal(unchecked: more, scale: wanted)
    }
    guard let power = Self.power(scale - wanted) else { return self }
    let rounded = Int128(Self.rounded(coefficient.magnitude, by: power.magnitude, rounding))
    return ExactDecimal(unchecked: isNegative ? -rounded : rounded, scale: wanted)
  }

  /// `dividend` × 10^`shift` ÷ `divisor`, rounded; nil when it does not fit.
  private static func quotient(_ dividend: UInt128, _ shift: Int, _ divisor: UInt128, _ rounding: Rounding) -> UInt128?
  {
    if shift < 0 {
      guard let power = power(-shift) else { return 0 }
      let (wide, overflow) = divisor.multipliedReportingOverflow(by: power.magnitude)
      // A divisor beyond 128 bits is more than twice any dividend: not even a half is left.
      return overflow ? 0 : rounded(dividend, by: wide, rounding)
    }
    var shift = shift
    var product = dividend.multipliedFullWidth(by: 1)
    while shift > 0 {
      // In two steps where one power of ten is not enough.
      guard product.high == 0, let step = power(min(shift, maxScale)) else { return nil }
      product = product.low.multipliedFullWidth(by: step.magnitude)
      shift -= min(shift, maxScale)
    }
    guard product.high < divisor else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    return roundsUp(quotient, remainder, divisor, rounding) ? quotient &+ 1 : quotient
  }

  private static func rounded(_ dividend: UInt128, by divisor: UInt128, _ rounding: Rounding) -> UInt128 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return roundsUp(quotient, remainder, divisor, rounding) ? quotient + 1 : quotient
  }

  private static func roundsUp(
    _ quotient: UInt128, _ remainder: UInt128, _ divisor: UInt128, _ rounding: Rounding
  ) -> Bool {
    let rest = divisor - remainder
    switch rounding {
    case .down: return false
    case .halfUp: return remainder >= rest
    case .halfEven: return remainder > rest || (remainder == rest && quotient % 2 == 1)
    }
  }
}
