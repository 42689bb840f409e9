import Events

/// Whether a field is there, and may be written.
struct FieldPlaceCheck {
  let problems: Problems
  let blueprint: Blueprint

  init(_ problems: Problems, _ blueprint: Blueprint) {
    self.problems = problems
    self.blueprint = blueprint
  }

  /// What a body field of an entity's side holds; nil, and reported, where there is none.
  func field(_ name: String, _ side: EntitySide, isWritten: Bool, at place: ConfigNode.Place) -> FieldSchema? {
    let schemas = blueprint.records(of: side)
    let found = schemas.compactMap { $0.fields[name] }
    guard let first = found.first else {
      let names = schemas.first?.fields.keys.filter { !$0.contains(".") || name.contains(".") } ?? []
      problems.unknown("field", "\(side.types[0]).\(name)", among: names.map { "\(side.types[0]).\($0)" }, at: place)
      return nil
    }
    if isWritten {
      checkWritable(found, name, side.types, at: place)
      if found.count < schemas.count {
        let lacking = zip(side.types, schemas).filter { $1.fields[name] == nil }.map(\.0).joined(separator: ", ")
        problems.report(place, "`\(name)` cannot be written: \(lacking) has no such field")
      }
    }
    return first
  }

  private func checkWritable(_ found: [FieldSchema], _ name: String, _ types: [String], at place: ConfigNode.Place) {
    guard found.contains(where: { !$0.isWritable }) else { return }
    problems.report(place, "`\(types[0]).\(name)` cannot be written: the system sets it")
  }

  /// A path of a field row: a body field, or a field of a picked element.
  func path(_ path: FieldPath, _ side: EntitySide, isWritten: Bool, at place: ConfigNode.Place) -> FieldSchema? {
    switch path {
    case .field(let name): return field(name, side, isWritten: isWritten, at: place)
    case .pick(let list, let flag, let field):
      let lists = blueprint.records(of: side).compactMap { $0.lists[list] }
      guard let schema = lists.first else {
        let names = blueprint.records(of: side).flatMap { $0.lists.keys }
        problems.unknown("list", "\(side.types[0]).\(list)", among: names.map { "\(side.types[0]).\($0)" }, at: place)
        return nil
      }
      if schema.fields[flag]?.kind != .bool {
        problems.unknown("flag", "\(list).\(flag)", among: schema.fields.keys.map { "\(list).\($0)" }, at: place)
      }
      return element(field, of: list, schema.fields, isWritten: isWritten, at: place)
    }
  }

  /// A field of a list's elements.
  func element(
    _ name: String, of list: String, _ fields: [String: FieldSchema], isWritten: Bool, at place: ConfigNode.Place
  ) -> FieldSchema? {
    guard let found = fields[name] else {
      problems.unknown("field", "\(list).\(name)", among: fields.keys.map { "\(list).\($0)" }, at: place)
      return nil
    }
    if isWritten { checkWritable([found], name, [list], at: place) }
    return found
  }
}
