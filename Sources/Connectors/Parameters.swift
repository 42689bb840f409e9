import Events

/// A query's text between its parameters: split at every `?` that does not stand in quotes.
///
/// `escapes`: a backslash inside quotes hides the character after it (SOQL). In SQL a quote is doubled, which reads as two
/// strings side by side and needs no rule.
func parts(of query: String, escapes: Bool) -> [String] {
  var parts: [String] = []
  var part = ""
  var quote: Character?
  var isEscaped = false
  for character in query {
    if let open = quote {
      part.append(character)
      if isEscaped {
        isEscaped = false
      } else if escapes, character == "\\" {
        isEscaped = true
      } else if character == open {
        quote = nil
      }
    } else if character == "?" {
      parts.append(part)
      part = ""
    } else {
      if character == "'" || character == "\"" { quote = character }
      part.append(character)
    }
  }
  return parts + [part]
}

/// Puts what `show` makes of each parameter where its `?` stands.
func filled(
  _ query: String, _ parameters: [FieldValue], escapes: Bool, side: Side,
  _ show: (FieldValue) throws(Failure) -> String
) throws(Failure) -> String {
  let parts = parts(of: query, escapes: escapes)
  guard parts.count == parameters.count + 1 else {
    throw .never(
      Reason(
        "query-parameters", .configuration,
        "A query has \(parts.count - 1) places for parameters and was given \(parameters.count).", side: side))
  }
  var text = parts[0]
  for (part, parameter) in zip(parts.dropFirst(), parameters) { text += try show(parameter) + part }
  return text
}
