import Formats
import Testing

@testable import Expressions

/// The world of the examples.
struct ExampleEnvironment: Environment {
  let now = Instant("2026-11-24T10:11:12Z")

  func table(_ name: String, _ value: Value) throws(EvaluationError) -> Value {
    guard name == "letters" else { throw EvaluationError(.missing, "no such table") }
    return value == "a" ? "A" : .null
  }
  func named(_ name: String) throws(EvaluationError) -> Value {
    name == "discount-item" ? "Sales discount" : .string(name)
  }
  func link(_ entity: String, _ id: Value) throws(EvaluationError) -> Value {
    if id == "pending" { throw EvaluationError(.pending, "still to be read") }
    return entity == "customer" && id == "001A" ? "77" : .null
  }
}

func evaluate(_ text: String, _ variables: [String: Value] = [:]) throws -> Value {
  try Expression(parsing: text).evaluate(variables, in: ExampleEnvironment())
}

/// What an evaluation fails with; nil if it does not.
func failure(_ text: String, _ variables: [String: Value] = [:]) throws -> EvaluationError? {
  let expression = try Expression(parsing: text)
  do throws(EvaluationError) {
    _ = try expression.evaluate(variables, in: ExampleEnvironment())
    return nil
  } catch {
    return error
  }
}

/// What parsing or checking refuses, as `line:column: message`; nil if nothing.
func refusal(_ text: String, _ scope: Scope = Scope(), gives: ValueType = .dyn) -> String? {
  do throws(ExpressionError) {
    try Expression(parsing: text).check(scope, gives: gives)
    return nil
  } catch {
    return error.description
  }
}

func decimal(_ text: String) throws -> Value { .decimal(try #require(ExactDecimal(text))) }

/// An order's variables, as a flow gives them.
let order = Scope([
  "salesforce": .record(
    RecordType(
      "salesforce Opportunity",
      paths: [
        "Id": .string, "IsWon": .bool, "Name": .optional(.string), "Amount": .optional(.decimal),
        "Discount": .optional(.decimal), "CloseDate": .optional(.date), "CreatedDate": .timestamp,
        "Ship_Street__c": .optional(.string), "Account.ShippingStreet": .optional(.string),
        "RecordType.DeveloperName": .optional(.string),
      ])),
  "netsuite": .record(
    RecordType(
      "netsuite salesOrder",
      fields: ["id": .optional(.string), "status": .optional(.string), "subtotal": .optional(.decimal)])),
  "lines": .list(
    .record(
      RecordType(
        "line",
        fields: [
          "salesforce": .record(
            RecordType("salesforce line", fields: ["TotalPrice": .optional(.decimal), "Quantity": .decimal]))
        ]))),
  "ar": .dyn,
])
