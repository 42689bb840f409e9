import Events

/// `tables/*.yaml`.
enum TableLoader {
  static func load(_ node: ConfigNode, _ problems: Problems) -> Table? {
    guard let map = node.map(known: ["table", "salesforce", "netsuite", "rows", "unknown"], problems),
      let name = map.requiredText("table")
    else { return nil }
    _ = map.text("salesforce")
    _ = map.text("netsuite")
    let rows = (map.required("rows")?.list(problems) ?? []).compactMap { row($0, problems) }
    var unknown: [Side: Table.Unknown] = [:]
    if let policies = map["unknown"]?.map(known: ["to-netsuite", "to-salesforce"], problems) {
      for side in Side.allCases {
        if let node = policies["to-\(side.rawValue)"] { unknown[side] = policy(node, problems) }
      }
    }
    return Table(name: name, place: node.place, rows: rows, unknown: unknown)
  }

  private static func row(_ node: ConfigNode, _ problems: Problems) -> Table.Row? {
    guard let cells = node.list(problems) else { return nil }
    guard (2...3).contains(cells.count) else {
      problems.report(node.place, "a row is [ Salesforce, NetSuite ], or [ Salesforce, NetSuite, to-netsuite ]")
      return nil
    }
    guard let salesforce = cells[0].text(problems), let netsuite = cells[1].text(problems) else { return nil }
    var side: Side?
    if cells.count == 3 {
      guard let word = cells[2].word(of: ["to-netsuite", "to-salesforce"], problems) else { return nil }
      side = word == "to-netsuite" ? .netsuite : .salesforce
    }
    return Table.Row(salesforce: salesforce, netsuite: netsuite, to: side)
  }

  private static func policy(_ node: ConfigNode, _ problems: Problems) -> Table.Unknown? {
    if case .map = node.content {
      return node.map(known: ["use"], problems)?.requiredText("use").map { .use($0) }
    }
    if node.scalar == "skip" {
      problems.report(node.place, "`unknown: skip` is not supported yet")
      return nil
    }
    switch node.word(of: ["hold", "blank"], problems) {
    case "hold": return .hold
    case "blank": return .blank
    default: return nil
    }
  }
}
