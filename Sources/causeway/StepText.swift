import Formats

/// A step of a run, for people: what was read in one line, then a line for each field that was not simply the same.
/// `--json` shows every step whole.
enum StepText {
  static func lines(_ step: JSON) -> [String] {
    let detail = step["detail"] ?? .null
    let side = step["side"]?.string ?? ""
    let record = step["record"].map { "\($0["type"]?.string ?? "") \($0["id"]?.string ?? "")" }
    switch step["kind"]?.string {
    case "read": return [read(side, record, detail)]
    case "decide": return decide(detail)
    case "write": return write(side, detail)
    case "stored": return ["stored    \(side) \(record ?? "")\(detail["created"]?.bool == true ? ", new" : "")"]
    case "note": return ["note      \(detail["text"]?.string ?? "")"]
    default: return ["\(step["kind"]?.string ?? "") \(detail.text)"]
    }
  }

  private static func read(_ side: String, _ record: String?, _ detail: JSON) -> String {
    if let record { return "read      \(side) \(record)" }
    if let rows = detail["rows"]?.array { return "read      \(side) \(rows.count) rows of a query" }
    return "read      \(side) \(detail["id"]?.string ?? ""): there is none"
  }

  private static func decide(_ detail: JSON) -> [String] {
    let fields = detail["fields"]?.array ?? []
    let same = fields.count { $0["verdict"]?.string == "same" }
    let skipped = fields.count { $0["verdict"]?.string == "skip" }
    var lines = ["decided   \(detail["entity"]?.string ?? ""): \(same) fields the same, \(skipped) not to be written"]
    for field in fields {
      guard let verdict = field["verdict"]?.string, verdict != "same", verdict != "skip" else { continue }
      let place = "\(field["side"]?.string ?? "").\(field["path"]?.string ?? "")"
      let name = "            \(field["field"]?.string ?? "") (\(field["owner"]?.string ?? "") owns it): "
      switch verdict {
      case "write": lines.append(name + "\(place) is \(value(field["current"])), becomes \(value(field["wanted"]))")
      case "agreed": lines.append(name + "\(place) keeps its own form of it, \(value(field["current"]))")
      default: lines.append(name + "held: \(field["why"]?.string ?? "")")
      }
    }
    return lines
  }

  private static func write(_ side: String, _ detail: JSON) -> [String] {
    let type = detail["type"]?.string ?? ""
    let how =
      detail["create"]?.string.map { "makes a \(type) with the external id \($0)" }
      ?? "changes \(type) \(detail["update"]?.string ?? "")"
    var names = detail["fields"]?.object?.keys.map { "\($0)" } ?? []
    for (name, elements) in detail.object?.members ?? [] {
      if let count = elements.array?.count { names.append("\(name) (\(count))") }
    }
    return ["write     \(side): \(how): \(names.joined(separator: ", "))"]
  }

  /// A field's value in its typed form, as a person writes it.
  private static func value(_ json: JSON?) -> String {
    guard let json, !json.isNull else { return "blank" }
    guard let (kind, value) = json.object?.members.first.map({ ($0.key, $0.value) }) else { return json.text }
    if kind == "reference" { return value["name"]?.string ?? value["id"]?.string ?? "blank" }
    return value.string.map { "“\($0)”" } ?? value.text
  }
}
