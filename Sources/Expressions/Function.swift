import Formats

/// A function of the language. It can be called either way: `size(lines)` or `lines.size()`.
public struct Function: Sendable {
  /// An expression without variables, and an expression for what it gives. Documentation, and a test.
  public struct Example: Sendable {
    public let expression: String
    public let result: String
  }

  public let name: String
  /// How it is called: `line(text, n)`.
  public let usage: String
  /// One sentence.
  public let summary: String
  public let example: Example
  let forms: [Form]
  let apply: @Sendable (Arguments, any Environment) throws(EvaluationError) -> Value
  /// How many values it takes.
  let counts: Set<Int>

  init(
    _ name: String, _ usage: String, _ summary: String, example: (String, String), _ forms: Form...,
    apply: @escaping @Sendable (Arguments, any Environment) throws(EvaluationError) -> Value
  ) {
    self.name = name
    self.usage = usage
    self.summary = summary
    self.example = Example(expression: example.0, result: example.1)
    self.forms = forms
    self.apply = apply
    counts = Set(forms.map(\.takes.count))
  }
}

/// What a function takes and gives, for the checker.
struct Form: Sendable {
  let takes: [Parameter]
  /// The result's type; nil if these types do not go together.
  let gives: @Sendable ([ValueType]) -> ValueType?

  init(_ takes: Parameter..., gives: ValueType) {
    self.takes = takes
    self.gives = { _ in gives }
  }

  init(_ takes: Parameter..., giving: @escaping @Sendable ([ValueType]) -> ValueType?) {
    self.takes = takes
    gives = giving
  }

  /// A blank gives a blank, another value gives this type.
  init(_ takes: Parameter..., keepingBlank type: ValueType) {
    self.takes = takes
    gives = { $0[0].mayBeBlank ? .optional(type) : type }
  }
}

/// What a parameter accepts. The raw value is what messages call it.
enum Parameter: String, Sendable {
  case any = "any value"
  case text
  case textOrBlank = "text (or a blank)"
  case number
  case int
  case bool
  case list = "a list"
  case numbers = "a list of numbers"
  case sized = "text, bytes, a list or a map"
  case single = "a single value"
  case singleOrBlank = "a single value (or a blank)"

  func accepts(_ type: ValueType) -> Bool {
    if type == .dyn { return true }
    switch self {
    case .any: return true
    case .text: return type == .string
    case .textOrBlank: return type.present == .string || type == .null || type.present == .dyn
    case .number: return type.isNumber
    case .int: return type == .int || type == .uint
    case .bool: return type == .bool
    case .list: if case .list = type { return true } else { return false }
    case .numbers:
      guard case .list(let element) = type else { return false }
      return element.present.isNumber || element.present == .dyn || element == .null
    case .sized:
      switch type {
      case .string, .bytes, .list, .map: return true
      default: return false
      }
    case .single: return !type.mayBeBlank && Self.singleOrBlank.accepts(type)
    case .singleOrBlank:
      switch type.present {
      case .list, .map, .record: return false
      default: return true
      }
    }
  }
}

/// The values of a call, target first, with readers that say what was wrong.
struct Arguments {
  let function: String
  let values: [Value]

  var count: Int { values.count }
  subscript(_ index: Int) -> Value { values[index] }

  func misfit(_ index: Int, _ wanted: String) -> EvaluationError {
    EvaluationError(.value, "\(function)() expected \(wanted), got \(values[index].kindName)")
  }

  func text(_ index: Int) throws(EvaluationError) -> String {
    guard case .string(let text) = values[index] else { throw misfit(index, "text") }
    return text
  }

  /// Nil for a blank, and for text of no characters.
  func textOrBlank(_ index: Int) throws(EvaluationError) -> String? {
    values[index].isBlank ? nil : try text(index)
  }

  func int(_ index: Int) throws(EvaluationError) -> Int64 {
    guard values[index].isNumber, let int = values[index].exact?.intValue else { throw misfit(index, "a whole number") }
    return int
  }

  func decimal(_ index: Int) throws(EvaluationError) -> ExactDecimal {
    guard values[index].isNumber else { throw misfit(index, "a number") }
    guard let number = values[index].exact else { throw Arithmetic.overflow }
    return number
  }

  func list(_ index: Int) throws(EvaluationError) -> [Value] {
    guard case .list(let list) = values[index] else { throw misfit(index, "a list") }
    return list
  }
}
