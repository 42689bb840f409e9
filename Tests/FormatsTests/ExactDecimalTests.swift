import Formats
import Testing

@Suite struct ExactDecimalTests {
  private func decimal(_ text: String) throws -> ExactDecimal { try #require(ExactDecimal(text), "\(text)") }

  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("0.00", "0.00"), ("120000.0", "120000.0"), ("1.10", "1.10"), (".5", "0.5"),
    ("-.05", "-0.05"),
    ("5.", "5"), ("007", "7"), ("1.0E7", "10000000"), ("1.5e-3", "0.0015"), ("1E+2", "100"), ("0e999", "0"),
    ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
    ("1000e-40", "0.00000000000000000000000000000000000010"),
  ])
  func `a decimal prints as it was written, plainly`(text: String, plain: String) throws {
    #expect(try decimal(text).description == plain)
  }

  @Test(arguments: [
    "", "-", ".", "+5", " 5", "5 ", "1,5", "NaN", "INF", "0x10", "1e", "1e+", "1e99999", "1e400", "1e-39", "--1",
    "1.2.3",
    "1_000", "999999999999999999999999999999999999999", "١",
  ])
  func `what is no decimal, or does not fit, is nil`(text: String) {
    #expect(ExactDecimal(text) == nil)
  }

  @Test func `values are equal whatever their places`() throws {
    #expect(try decimal("1.10") == decimal("1.1"))
    #expect(try decimal("1.10").hashValue == decimal("1.1").hashValue)
    #expect(try decimal("100") == decimal("1e2"))
    #expect(try decimal("-0.0") == .zero)
    #expect(try decimal("1.10").intValue == nil)
    #expect(try decimal("25.000").intValue == 25)
    #expect(try decimal("-9223372036854775808").intValue == .min)
    #expect(try decimal("9223372036854775808").intValue == nil)
  }

  @Test func `order is by value, however far apart the places`() throws {
    let sorted = try ["-1e37", "-2.5", "-2.4999", "0", "1e-38", "0.1", "0.11", "9", "10.0", "1e37"].map(decimal)
    for (left, right) in zip(sorted, sorted.dropFirst()) {
      #expect(left < right)
      #expect(!(right < left))
    }
    #expect(!(try decimal("1.0") < decimal("1")))
  }

  @Test func `sums and products are exact, and nil where they do not fit`() throws {
    #expect(try decimal("0.1").adding(decimal("0.2")) == decimal("0.3"))
    #expect(try decimal("1.00").adding(decimal("2"))?.description == "3.00")
    #expect(try decimal("1").subtracting(decimal("1.01"))?.description == "-0.01")
    #expect(try decimal("19.99").multiplied(by: decimal("3"))?.description == "59.97")
    let large = try decimal("99999999999999999999999999999999999999")
    #expect(large.multiplied(by: large) == nil)
    #expect(large.adding(try decimal("0.1")) == nil)
    #expect(large.adding(try decimal("1.0")) != nil)
    #expect(try decimal("1e-38").multiplied(by: decimal("1e-1")) == nil)
    #expect(try decimal("1.0000000000000000000000000000000000000").multiplied(by: decimal("2.00")) == decimal("2"))
  }

  @Test func `division and rounding say where and how they round`() throws {
    #expect(try decimal("10").dividing(by: decimal("3"), scale: 2, rounding: .halfUp)?.description == "3.33")
    #expect(try decimal("20").dividing(by: decimal("3"), scale: 0, rounding: .halfUp)?.description == "7")
    #expect(try decimal("-1").dividing(by: decimal("8"), scale: 2, rounding: .halfUp)?.description == "-0.13")
    #expect(try decimal("1").dividing(by: decimal("8"), scale: 2, rounding: .halfEven)?.description == "0.12")
    #expect(try decimal("1").dividing(by: decimal("8"), scale: 2, rounding: .down)?.description == "0.12")
    #expect(try decimal("1").dividing(by: .zero, scale: 2, rounding: .down) == nil)
    #expect(try decimal("1e37").dividing(by: decimal("1e-38"), scale: 0, rounding: .down) == nil)
    #expect(try decimal("1e-38").dividing(by: decimal("1e37"), scale: 38, rounding: .halfUp) == .zero)
    #expect(try decimal("1e-38").dividing(by: decimal("1e-38"), scale: 2, rounding: .down)?.description == "1.00")
    #expect(try decimal("2.345").rounded(scale: 2, .halfUp).description == "2.35")
    #expect(try decimal("-2.345").rounded(scale: 2, .halfUp).description == "-2.35")
    #expect(try decimal("2.345").rounded(scale: 2, .halfEven).description == "2.34")
    #expect(try decimal("-2.349").rounded(scale: 2, .down).description == "-2.34")
    #expect(try decimal("0.5").rounded(scale: 0, .halfEven).description == "0")
    #expect(try decimal("1.1").rounded(scale: 2, .down).description == "1.10")
  }
}
