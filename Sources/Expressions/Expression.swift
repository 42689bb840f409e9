/// An expression of the Common Expression Language (cel.dev), parsed.
///
/// Beyond CEL: numbers of records are exact decimals, with which other numbers mix; dates are a type; a field of a blank
/// record is blank; and a blank is given a value with `.or(x)`. Left out: messages, `matches`, optional syntax.
public struct Expression: Sendable, Hashable {
  public let text: String
  let root: Node

  public init(parsing source: String) throws(ExpressionError) {
    text = source
    guard source.unicodeScalars.prefix(Limits.source + 1).count <= Limits.source else {
      throw ExpressionError(
        offset: 0, line: 1, column: 1, message: "the expression is longer than \(Limits.source) characters")
    }
    do {
      var lexer = Lexer(source)
      var parser = Parser(try lexer.tokens())
      root = try parser.parse()
    } catch {
      throw Self.located(error, in: source)
    }
  }

  /// A variable and fields of fields of it, where the expression is nothing but that: `body.order.id`.
  public var path: [String]? {
    var names: [String] = []
    var node = root
    while case .select(let operand, let field) = node.kind {
      names.append(field)
      node = operand
    }
    guard case .variable(let name, _) = node.kind else { return nil }
    names.append(name)
    return names.reversed()
  }

  /// The type of the result, or what does not fit.
  public func check(_ scope: Scope) throws(ExpressionError) -> ValueType {
    var checker = Checker(scope)
    do { return try checker.type(of: root) } catch { throw Self.located(error, in: text) }
  }

  /// As `check`, and the result has to fit a place: a condition is `.bool`, a blank is refused unless `type` is optional.
  public func check(_ scope: Scope, gives type: ValueType) throws(ExpressionError) {
    let found = try check(scope)
    guard !found.fits(type) else { return }
    let help = found.mayBeBlank && found.present.fits(type) ? "; give it a value with .or(…)" : ""
    throw Self.located(
      Lexer.Problem(offset: root.offset, message: "expected \(type), got \(found)\(help)"), in: text)
  }

  /// The value; errors carry the offset of where they arose.
  public func evaluate(
    _ bindings: any Bindings, in environment: any Environment = NoEnvironment()
  ) throws(EvaluationError) -> Value {
    var evaluator = Evaluator(bindings, environment)
    return try evaluator.value(of: root)
  }

  /// As above, with the variables at hand.
  public func evaluate(
    _ variables: [String: Value], in environment: any Environment = NoEnvironment()
  ) throws(EvaluationError) -> Value {
    try evaluate(Variables(variables), in: environment)
  }

  private static func located(_ problem: Lexer.Problem, in source: String) -> ExpressionError {
    let place = position(of: problem.offset, in: source)
    return ExpressionError(
      offset: problem.offset, line: place.line, column: place.column, message: problem.message)
  }
}
