import Expressions

/// A query in a system's own language, with `?` for each parameter.
public struct Query: Sendable {
  public let text: String
  /// In the order of the question marks: `:netsuite.id`, `:link('customer', salesforce.AccountId)`, `:today`.
  public let parameters: [Expression]

  /// Cuts the parameters out. A colon within quotes is text. A colon that begins no parameter is refused.
  init(_ source: String) throws(ExpressionError) {
    var text = ""
    var parameters: [Expression] = []
    var rest = Substring(source)
    var isQuoted = false
    while let character = rest.first {
      if character == "'" { isQuoted.toggle() }
      guard character == ":", !isQuoted else {
        text.append(character)
        rest.removeFirst()
        continue
      }
      rest.removeFirst()
      let parameter = Self.parameter(rest)
      guard !parameter.isEmpty else {
        throw ExpressionError(
          offset: 0, line: 1, column: 1, message: "a `:` outside of quotes begins a parameter such as `:netsuite.id`")
      }
      rest.removeFirst(parameter.count)
      parameters.append(try Expression(parsing: parameter == "today" ? "today()" : String(parameter)))
      text.append("?")
    }
    self.text = Self.trimmed(text)
    self.parameters = parameters
  }

  /// A dotted name, with its arguments where it is a call.
  private static func parameter(_ text: Substring) -> Substring {
    var end = text.startIndex
    while end < text.endIndex, isName(text[end]) { end = text.index(after: end) }
    while end > text.startIndex, text[text.index(before: end)] == "." { end = text.index(before: end) }
    guard end > text.startIndex, end < text.endIndex, text[end] == "(" else { return text[..<end] }
    var depth = 0
    var isQuoted = false
    while end < text.endIndex {
      let character = text[end]
      end = text.index(after: end)
      if character == "'" { isQuoted.toggle() }
      if isQuoted { continue }
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 { break }
    }
    return text[..<end]
  }

  private static func isName(_ character: Character) -> Bool {
    character == "_" || character == "." || (character.isASCII && (character.isLetter || character.isNumber))
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
