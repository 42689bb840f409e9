extension Lexer {
  /// A number: `12`, `0x1F`, `12u`, `1.5`, `1e3`, `.5`.
  mutating func number() throws(Problem) -> Token.Kind {
    let start = at
    if peek() == "0", peek(1) == "x" || peek(1) == "X" {
      at += 2
      return try whole(digits: takeWhile { Self.hexValue($0) != nil }, radix: 16, from: start)
    }
    let digits = takeWhile(Self.isDigit)
    var isDouble = false
    if peek() == ".", peek(1).map(Self.isDigit) == true {
      isDouble = true
      at += 1
      _ = takeWhile(Self.isDigit)
    }
    if peek() == "e" || peek() == "E" {
      let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
      if peek(1 + sign).map(Self.isDigit) == true {
        isDouble = true
        at += 1 + sign
        _ = takeWhile(Self.isDigit)
      }
    }
    guard isDouble else { return try whole(digits: digits, radix: 10, from: start) }
    try refuseLetter(from: start)
    guard let value = Double(slice(start..<at)), value.isFinite else {
      throw Problem(offset: start, message: "the number is too large")
    }
    return .double(value)
  }

  private mutating func whole(digits: Range<Int>, radix: UInt64, from start: Int) throws(Problem) -> Token.Kind {
    guard !digits.isEmpty else { throw Problem(offset: start, message: "'0x' is followed by digits") }
    var value: UInt64 = 0
    for scalar in scalars[digits] {
      let (scaled, over) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = scaled.addingReportingOverflow(UInt64(Self.hexValue(scalar) ?? 0))
      if over || carry { throw Problem(offset: start, message: "the number is too large") }
      value = sum
    }
    if peek() == "u" || peek() == "U" {
      at += 1
      try refuseLetter(from: start)
      return .uint(value)
    }
    try refuseLetter(from: start)
    return .int(value)
  }

  /// `12a` is no number, and no number followed by a name either.
  private func refuseLetter(from start: Int) throws(Problem) {
    if let after = peek(), Self.isLetter(after) || Self.isDigit(after) {
      throw Problem(offset: start, message: "a number ends before a letter")
    }
  }

  private mutating func takeWhile(_ holds: (Unicode.Scalar) -> Bool) -> Range<Int> {
    let start = at
    while let scalar = peek(), holds(scalar) { at += 1 }
    return start..<at
  }

  static func hexValue(_ scalar: Unicode.Scalar) -> UInt32? {
    switch scalar {
    case "0"..."9": scalar.value - 0x30
    case "a"..."f": scalar.value - 0x61 + 10
    case "A"..."F": scalar.value - 0x41 + 10
    default: nil
    }
  }
}
