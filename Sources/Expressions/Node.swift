/// One node of the tree that an expression is parsed to.
struct Node: Sendable, Hashable {
  indirect enum Kind: Sendable, Hashable {
    case literal(Value)
    /// `isGlobal`: written `.name`, which looks past the variables of macros.
    case variable(String, isGlobal: Bool)
    case select(Node, field: String)
    /// `has(operand.field)`.
    case has(Node, field: String)
    case index(Node, Node)
    /// `name(arguments)`, or `target.name(arguments)`.
    case call(String, target: Node?, [Node])
    case unary(UnaryOperator, Node)
    case binary(BinaryOperator, Node, Node)
    case and(Node, Node)
    case or(Node, Node)
    case conditional(Node, Node, Node)
    case list([Node])
    case map([Pair])
    case comprehension(Comprehension)
  }

  struct Pair: Sendable, Hashable {
    let key: Node
    let value: Node
  }

  /// A macro over a list or the keys of a map.
  struct Comprehension: Sendable, Hashable {
    enum Macro: String, Sendable, CaseIterable { case all, exists, existsOne = "exists_one", map, filter }

    let macro: Macro
    let range: Node
    let variable: String
    /// `map` with three arguments: only these elements.
    let filter: Node?
    let body: Node
  }

  let kind: Kind
  /// Where it is, in Unicode scalars of the source: of an operator, its sign; of a call, its name.
  let offset: Int
  /// Levels below and including this one.
  let depth: Int

  init(_ kind: Kind, at offset: Int) {
    self.kind = kind
    self.offset = offset
    self.depth = 1 + (Self.children(of: kind).map(\.depth).max() ?? 0)
  }

  var children: [Node] { Self.children(of: kind) }

  private static func children(of kind: Kind) -> [Node] {
    switch kind {
    case .literal, .variable: []
    case .select(let operand, _), .has(let operand, _), .unary(_, let operand): [operand]
    case .index(let a, let b), .binary(_, let a, let b), .and(let a, let b), .or(let a, let b): [a, b]
    case .call(_, let target, let arguments): (target.map { [$0] } ?? []) + arguments
    case .conditional(let a, let b, let c): [a, b, c]
    case .list(let elements): elements
    case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
    case .comprehension(let macro): [macro.range, macro.body] + (macro.filter.map { [$0] } ?? [])
    }
  }
}

enum UnaryOperator: String, Sendable { case not = "!", negate = "-" }

enum BinaryOperator: String, Sendable {
  case add = "+", subtract = "-", multiply = "*", divide = "/", remainder = "%"
  case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
  case isIn = "in"
}
