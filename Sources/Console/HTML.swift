/// HTML text, written so that a value can never become markup.
struct HTML {
  private(set) var text = ""

  /// Markup, ours.
  mutating func raw(_ markup: StaticString) { text += "\(markup)" }

  /// A value, anybody's.
  mutating func value(_ value: String) { text += Self.escaped(value) }

  /// A table whose cells are values; nothing where there are no rows.
  mutating func table(_ title: String, _ heads: [String], _ rows: [[String]], note: String = "") {
    guard !rows.isEmpty else { return }
    raw("<section><h2>")
    value(title)
    raw("</h2>")
    if !note.isEmpty {
      raw("<p>")
      value(note)
      raw("</p>")
    }
    raw("<table><thead><tr>")
    for head in heads {
      raw("<th scope=\"col\">")
      value(head)
      raw("</th>")
    }
    raw("</tr></thead><tbody>")
    for row in rows {
      raw("<tr>")
      for cell in row {
        raw("<td>")
        value(cell)
        raw("</td>")
      }
      raw("</tr>")
    }
    raw("</tbody></table></section>")
  }

  static func escaped(_ value: String) -> String {
    var escaped = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
