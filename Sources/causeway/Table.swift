/// A line of a table for people: a value that is longer than its column pushes the rest aside.
enum Table {
  static func line(_ cells: [(content: String, width: Int)]) -> String {
    var text = ""
    for (content, width) in cells {
      text += content + String(repeating: " ", count: max(0, width - content.count)) + (width > 0 ? "  " : "")
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}
