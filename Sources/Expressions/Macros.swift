/// The macros of CEL: what looks like a call and is not, for it names a variable. CEL specification, "Macros".
enum Macros {
  typealias Problem = Lexer.Problem

  /// `has(a.b)`: whether the field is there and not blank.
  static func has(_ arguments: [Node], at offset: Int) throws(Problem) -> Node {
    guard arguments.count == 1, case .select(let operand, let field) = arguments[0].kind else {
      throw Problem(offset: offset, message: "has() takes one field: has(record.field)")
    }
    return Node(.has(operand, field: field), at: arguments[0].offset)
  }

  /// `list.all(x, …)` and the others; nil if the name is no macro or the count of arguments is another function's.
  static func expand(
    _ name: String, of range: Node, _ arguments: [Node], at offset: Int
  ) throws(Problem) -> Node? {
    guard let macro = Node.Comprehension.Macro(rawValue: name) else { return nil }
    let isFiltered = macro == .map && arguments.count == 3
    guard arguments.count == 2 || isFiltered else {
      throw Problem(offset: offset, message: "\(name)() takes a variable and an expression: \(name)(x, …)")
    }
    guard case .variable(let variable, isGlobal: false) = arguments[0].kind else {
      throw Problem(offset: arguments[0].offset, message: "\(name)() takes a simple name first: \(name)(x, …)")
    }
    let comprehension = Node.Comprehension(
      macro: macro, range: range, variable: variable, filter: isFiltered ? arguments[1] : nil,
      body: arguments[arguments.count - 1])
    return Node(.comprehension(comprehension), at: offset)
  }
}
