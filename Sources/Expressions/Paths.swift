extension Expression {
  /// Every path that is read from variables, in the order of their first appearance, without repeats.
  ///
  /// `salesforce.RecordType.DeveloperName` gives that path. Variables of macros are resolved to what they run over: in
  /// `lines.map(l, l.salesforce.Total)` both `lines` and `lines.salesforce.Total` are read. Indexes are left out, but
  /// for text: `rows[0].a` reads `rows.a`, and so does `rows['a']`.
  public var paths: [[String]] {
    var collector = PathCollector()
    collector.collect(root)
    return collector.found
  }

  /// A call of a function, with the arguments (target first) that are literals; nil for those that are not.
  public struct Call: Sendable, Hashable {
    public let function: String
    public let arguments: [Value?]
    /// Where it is, in Unicode scalars of the expression.
    public let offset: Int
  }

  /// Every call of a function, so that `check` can look up the names that `table`, `named` and `linked` are given.
  public var calls: [Call] {
    var found: [Call] = []
    func visit(_ node: Node) {
      if case .call(let name, let target, let arguments) = node.kind {
        let values = ((target.map { [$0] } ?? []) + arguments).map { argument -> Value? in
          if case .literal(let value) = argument.kind { value } else { nil }
        }
        found.append(Call(function: name, arguments: values, offset: node.offset))
      }
      for child in node.children { visit(child) }
    }
    visit(root)
    return found
  }
}

private struct PathCollector {
  var found: [[String]] = []
  private var seen: Set<[String]> = []
  /// What the variables of the macros around run over; nil where it is not a path.
  private var ranges: [(name: String, path: [String]?)] = []

  mutating func collect(_ node: Node) {
    if let path = path(node) {
      if !path.isEmpty { add(path) }
      collectIndexes(node)
      return
    }
    switch node.kind {
    case .comprehension(let macro): collect(macro)
    default: for child in node.children { collect(child) }
    }
  }

  private mutating func collect(_ macro: Node.Comprehension) {
    collect(macro.range)
    ranges.append((macro.variable, path(macro.range)))
    if let filter = macro.filter { collect(filter) }
    collect(macro.body)
    ranges.removeLast()
  }

  /// Expressions inside of the brackets of a path are paths of their own.
  private mutating func collectIndexes(_ node: Node) {
    switch node.kind {
    case .select(let operand, _), .has(let operand, _): collectIndexes(operand)
    case .index(let operand, let index):
      collectIndexes(operand)
      collect(index)
    default: break
    }
  }

  private mutating func add(_ path: [String]) {
    if seen.insert(path).inserted { found.append(path) }
  }

  /// The path that a chain of selections reads; empty for a macro's variable over something computed.
  private func path(_ node: Node) -> [String]? {
    switch node.kind {
    case .variable(let name, let isGlobal):
      if !isGlobal, let range = ranges.last(where: { $0.name == name }) { return range.path ?? [] }
      return [name]
    case .select(let operand, let field), .has(let operand, let field):
      return path(operand).map { $0.isEmpty ? [] : $0 + [field] }
    case .index(let operand, let index):
      guard let base = path(operand) else { return nil }
      if !base.isEmpty, case .literal(.string(let key)) = index.kind { return base + [key] }
      return base
    default: return nil
    }
  }
}
