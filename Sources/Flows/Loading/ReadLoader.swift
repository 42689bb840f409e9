import Events
import Expressions

/// The rows of `reads:`.
struct ReadLoader {
  let problems: Problems
  let blueprint: Blueprint

  init(_ problems: Problems, _ blueprint: Blueprint) {
    self.problems = problems
    self.blueprint = blueprint
  }

  func load(_ node: ConfigNode?, into entity: inout Entity, _ scope: inout EntityScope) {
    for pair in node?.map(problems) ?? [] {
      guard !["salesforce", "netsuite", "value", "head", "event"].contains(pair.key) else {
        problems.report(pair.keyPlace, "`\(pair.key)` is a name of ours: call the read something else")
        continue
      }
      if let other = entity.reads.first(where: { $0.name == pair.key }) {
        problems.report(pair.keyPlace, "read `\(pair.key)` is in \(other.place.file):\(other.place.line) already")
        continue
      }
      guard let read = read(pair, scope) else { continue }
      let row = ValueType.record(RecordType(read.name, fields: read.columns.mapValues(\.type)))
      scope.reads[read.name] = read.isOne ? row : .list(row)
      entity.reads.append(read)
    }
  }

  private func read(_ pair: ConfigNode.Pair, _ scope: EntityScope) -> ReadRule? {
    guard let map = pair.value.map(known: ["salesforce", "netsuite", "one", "columns"], problems) else { return nil }
    let sides = Side.allCases.filter { map[$0.rawValue] != nil }
    guard sides.count == 1, let side = sides.first, let node = map[side.rawValue] else {
      problems.report(pair.keyPlace, "a read has one query: `netsuite` or `salesforce`")
      return nil
    }
    guard let query = Self.query(node, problems) else { return nil }
    for parameter in query.parameters {
      problems.check(parameter, scope.both, gives: .dyn, at: node, side.rawValue)
    }
    var columns: [String: FieldSchema.Kind] = [:]
    for column in map.required("columns")?.map(problems) ?? [] {
      let word = column.value.word(of: SchemaLoader.words.keys.sorted(), problems)
      columns[column.key] = word.flatMap { SchemaLoader.words[$0] }
    }
    return ReadRule(
      name: pair.key, place: pair.keyPlace, side: side, query: query, isOne: map.bool("one") == true, columns: columns)
  }

  static func query(_ node: ConfigNode, _ problems: Problems) -> Query? {
    guard let text = node.text(problems) else { return nil }
    guard text.trimmed.lowercased().hasPrefix("select ") else {
      problems.report(node.place, "a query begins with SELECT")
      return nil
    }
    do {
      return try Query(text)
    } catch {
      problems.report(node.place, error.message)
      return nil
    }
  }
}
