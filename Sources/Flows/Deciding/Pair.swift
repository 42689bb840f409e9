import Events
import Formats

/// Where the search for a partner ended.
enum LinkState {
  case finished(Plan)
  /// There is no partner yet.
  case alone(Record, Side)
  case pair(Pair)
}

/// Two records that are one thing.
struct Pair {
  var salesforce: Record
  var netsuite: Record
  /// Keys that are to be written so that both point at each other.
  var keys: [Side: FieldValue] = [:]

  func record(_ side: Side) -> Record { side == .salesforce ? salesforce : netsuite }
}

extension FieldValue {
  /// The text of a single value, outer blanks left out; nil of a blank.
  var plain: String? {
    switch self {
    case .null: return nil
    case .bool(let value): return value ? "true" : "false"
    case .number(let value): return value.description
    case .text(let text):
      let trimmed = text.trimmed
      return trimmed.isEmpty ? nil : trimmed
    case .date(let date): return date.description
    case .instant(let instant): return instant.description
    case .reference(let id, let name): return id ?? name
    }
  }
}

extension String {
  var trimmed: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
