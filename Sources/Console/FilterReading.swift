import Events
import Formats
import HTTP
import Queue
import Web

/// Why a request to the admin API is refused; its own words, never the request's.
struct Refusal: Error {
  let status: Status
  let detail: String

  init(_ detail: String, _ status: Status = .badRequest) {
    self.status = status
    self.detail = detail
  }

  var response: Response { .problem(status, detail: detail) }
}

/// A filter with where to begin and how many, from a query or from JSON. What is not known is refused: a misspelt name
/// must not widen what is listed, retried or dropped.
struct FilterReading {
  private(set) var filter = Filter()
  private(set) var after: UInt64?
  private(set) var limit: Int?
  private(set) var isAll = false
  private(set) var reason: String?
  /// What is to be erased holds it.
  private(set) var containing: String?
  /// How a retry is to be done.
  private(set) var retry = Retry()
  private(set) var hasRetry = false

  /// Of a listing: `state` and `kind` may stand several times.
  init(query text: String?) throws(Refusal) {
    guard let query = Query(text ?? "") else { throw Refusal("The query is not well-formed.") }
    for (name, value) in query.items {
      switch name {
      case "after": after = try Self.number(value, name)
      case "limit": limit = Int(try Self.number(value, name))
      default: try take(name, value)
      }
    }
  }

  /// Of a change: `{"state":"held"}`, lists allowed, or `{"all":true}` for everything.
  init(body: [UInt8]) throws(Refusal) {
    guard let json = try? JSON.parse(body), let object = json.object else {
      throw Refusal("The body has to be a JSON object.")
    }
    for (name, value) in object {
      switch (name, value) {
      case ("all", .bool(let all)): isAll = all
      case ("reason", .string(let text)) where text.count <= Limits.reason: reason = text
      case ("containing", .string(let text)) where !text.isEmpty: containing = text
      case ("over", .number(let number)):
        guard let seconds = number.int, Limits.over.contains(seconds) else {
          throw Refusal("`over` is a number of seconds, at most \(Limits.over.upperBound).")
        }
        (retry.over, hasRetry) = (seconds * 1_000, true)
      case ("replay", .bool(let replays)): (retry.replays, hasRetry) = (replays, true)
      case ("force", .bool(let isForced)): (retry.isForced, hasRetry) = (isForced, true)
      case ("sequence", .number(let number)):
        guard let sequence = number.int, sequence >= 0 else { throw Refusal("`sequence` has to be a whole number.") }
        filter.sequences = UInt64(sequence)...UInt64(sequence)
      case (_, .string(let text)): try take(name, text)
      case (_, .array(let values)) where !values.isEmpty && (name == "state" || name == "kind"):
        for value in values { try take(name, value.string ?? "") }
      default: throw Refusal("The filter has a name or a value that it does not take.")
      }
    }
    guard isAll || containing != nil || filter != Filter() else {
      throw Refusal("The filter is empty; say {\"all\":true} to mean every event.")
    }
  }

  private mutating func take(_ name: String, _ value: String) throws(Refusal) {
    switch name {
    case "state":
      for word in value.split(separator: ",", omittingEmptySubsequences: false) {
        guard let state = EventState(rawValue: String(word)) else {
          throw Refusal("`state` is one of \(EventState.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        filter.states.insert(state)
      }
    case "kind":
      for word in value.split(separator: ",", omittingEmptySubsequences: false) {
        guard let kind = Event.Kind(rawValue: String(word)) else {
          throw Refusal("`kind` is one of \(Event.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        filter.kinds.insert(kind)
      }
    case "endpoint": filter.endpoint = value
    case "id": filter.id = value
    case "key": filter.key = value
    case "subject": filter.subject = value
    case "sequence":
      let sequence = try Self.number(value, name)
      filter.sequences = sequence...sequence
    default: throw Refusal("Events are told by state, kind, endpoint, id, key, subject and sequence.")
    }
  }

  static func number(_ text: String, _ name: String) throws(Refusal) -> UInt64 {
    guard let number = Digits.int(text) else { throw Refusal("`\(name)` has to be a whole number.") }
    return UInt64(number)
  }
}
