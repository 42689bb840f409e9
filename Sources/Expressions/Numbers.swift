import Formats

extension Value {
  /// The number, exactly; nil for anything else, for infinities, and outside of the decimals' range. A double is what
  /// its shortest text says (0.1 is one tenth), which is what its author wrote.
  var exact: ExactDecimal? {
    switch self {
    case .int(let value): ExactDecimal(value)
    case .uint(let value): ExactDecimal(coefficient: Int128(value), scale: 0)
    case .double(let value): value.isFinite ? ExactDecimal(value.description) : nil
    case .decimal(let value): value
    default: nil
    }
  }

  var isNumber: Bool {
    switch self {
    case .int, .uint, .double, .decimal: true
    default: false
    }
  }
}

extension Double {
  /// As CEL writes it: `1` for 1.0, `0.5`, `1e+20`.
  var plainText: String {
    let text = description
    if text.hasSuffix(".0") { return String(text.dropLast(2)) }
    return text == "inf" ? "+infinity" : text == "-inf" ? "-infinity" : text == "nan" ? "NaN" : text
  }

  /// How it stands to a whole number, exactly; nil of NaN.
  func order(to whole: Int128) -> Order? {
    if isNaN { return nil }
    // Whole numbers are below 2^65 here, where every Int128 conversion of a double is exact.
    if self >= 36_893_488_147_419_103_232 { return .above }
    if self <= -36_893_488_147_419_103_232 { return .below }
    let floor = self.rounded(.down)
    let truncated = Int128(floor)
    if truncated != whole { return truncated < whole ? .below : .above }
    return floor < self ? .above : .same
  }
}

extension Duration {
  /// Nanoseconds; finer parts are left out.
  var nanoseconds: Int128 {
    Int128(components.seconds) * 1_000_000_000 + Int128(components.attoseconds / 1_000_000_000)
  }

  /// Nil outside of what CEL allows: ten thousand years either way.
  init?(nanoseconds: Int128) {
    guard nanoseconds.magnitude <= 315_576_000_000 * 1_000_000_000 else { return nil }
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    self.init(
      secondsComponent: Int64(seconds), attosecondsComponent: Int64(rest) * 1_000_000_000)
  }

  /// Seconds: `5400s`, `1.5s`.
  var plainText: String {
    let seconds = ExactDecimal(coefficient: nanoseconds, scale: 9)?.normalized ?? .zero
    return "\(seconds)s"
  }
}

extension Instant {
  var nanosecondsSince1970: Int128 { Int128(secondsSince1970) * 1_000_000_000 + Int128(nanoseconds) }

  /// Nil outside of years 1 to 9999.
  init?(nanosecondsSince1970 total: Int128) {
    var (seconds, rest) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 {
      rest += 1_000_000_000
      seconds -= 1
    }
    guard let fits = Int64(exactly: seconds) else { return nil }
    self.init(secondsSince1970: fits, nanoseconds: Int32(rest))
    guard secondsSince1970 == fits else { return nil }
  }
}
