import Formats
import Fuzzing

/// A JSON text. What is accepted reads back, once written, as the same value, and is no longer than it was; what is
/// refused is refused at a place inside of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeRawBufferPointer(start: data, count: size))
  do throws(JSONError) {
    let value = try JSON.parse(bytes, limits: limits)
    let written = value.bytes
    expect(written.count <= size, "a text written compactly is no longer")
    checkAgain(value, written)
    check(value, depth: 0)
  } catch {
    expect((0...size).contains(error.offset), "the error is inside of the text")
    expect(error.line > 0 && error.column > 0 && error.line + error.column <= size + 2, "lines and columns count")
    expect(!error.message.isEmpty, "the error says something")
  }
  return 0
}

/// Small, so that inputs reach them.
private let limits = JSONLimits(depth: 12, numberLength: 48)

private func checkAgain(_ value: JSON, _ written: [UInt8]) {
  guard let again = try? JSON.parse(written, limits: limits) else { broken("what was written is JSON") }
  expect(again == value, "what was written is the same value")
  expect(again.bytes == written, "what is written twice is written alike")
}

private func check(_ value: JSON, depth: Int) {
  switch value {
  case .null, .bool, .string: break
  case .number(let number): check(number)
  case .array(let elements):
    expect(depth < limits.depth, "the depth holds")
    for element in elements { check(element, depth: depth + 1) }
  case .object(let object):
    expect(depth < limits.depth, "the depth holds")
    for (key, value) in object {
      expect(object[key] == value, "a member is found by its name")
      check(value, depth: depth + 1)
    }
  }
}

/// A number that is exact stays exact: as a decimal, and as its text.
private func check(_ number: JSONNumber) {
  expect(number.text.utf8.count <= limits.numberLength, "a number is as long as it may be")
  expect(JSONNumber(text: number.text) == number, "a number's text is a number")
  let decimal = number.decimal
  if let decimal {
    expect(ExactDecimal(decimal.description) == decimal, "a decimal's text is the decimal")
    expect(JSONNumber(text: decimal.description) != nil, "a decimal's text is a number")
  }
  if let whole = number.int { expect(decimal == ExactDecimal(String(whole)), "whole is the same as exact") }
}
