import Formats

/// The `q` of a listing: `email IS "a@b.example" AND companyName START_WITH "A"`. Body fields only.
struct ListFilter {
  private struct Test {
    let field: String
    let operation: String
    let value: String
  }

  private var tests: [Test] = []

  init(_ text: String?, _ type: RecordType) throws(NetSuiteError) {
    guard let text, !text.isEmpty else { return }
    let tokens: [QueryToken]
    do { tokens = try QueryLexer.tokens(text, .suiteQL) } catch {
      throw NetSuiteError("Invalid query filter.", code: "INVALID_PARAMETER")
    }
    var place = 0
    while tokens[place].kind != .end {
      guard place + 1 < tokens.count, let field = type.field(tokens[place].text) else {
        throw NetSuiteError("Field '\(tokens[place].text)' not found.", code: "INVALID_PARAMETER")
      }
      let operation = tokens[place + 1].text.uppercased()
      place += 2
      var value = ""
      if operation != "EMPTY", operation != "EMPTY_NOT" {
        guard tokens[place].kind != .end else {
          throw NetSuiteError("Invalid query filter.", code: "INVALID_PARAMETER")
        }
        value = tokens[place].text
        place += 1
      }
      tests.append(Test(field: field.name, operation: operation, value: value))
      guard tokens[place].kind == .end || tokens[place].isWord("AND") else {
        throw NetSuiteError("Invalid query filter.", code: "INVALID_PARAMETER")
      }
      if tokens[place].kind != .end { place += 1 }
    }
  }

  func matches(_ entry: Books.Entry) -> Bool {
    let functions = SQLFunctions(now: Instant(secondsSince1970: 0), zoneSeconds: 0)
    return tests.allSatisfy { test in
      let text = functions.text(entry[test.field])?.lowercased() ?? ""
      let value = test.value.lowercased()
      switch test.operation {
      case "IS", "EQUAL", "ANY_OF":
        return text == value || (value == "true" && text == "t") || (value == "false" && text == "f")
      case "IS_NOT", "EQUAL_NOT": return text != value
      case "START_WITH": return text.hasPrefix(value)
      case "CONTAIN": return text.contains(value)
      case "EMPTY": return text.isEmpty
      case "EMPTY_NOT": return !text.isEmpty
      default: return false
      }
    }
  }
}
