import Crypto
import Expressions
import Formats
import Web

/// A body that an identity is made of.
protocol IdentifiedBody {
  var value: JSON { get }
  /// The value at the end of a path of fields; nil where there is none.
  func value(at path: [String]) -> JSON?
}

extension CheckedJSON: IdentifiedBody {}

extension JSON: IdentifiedBody {
  var value: JSON { self }

  func value(at path: [String]) -> JSON? {
    var found: JSON? = self
    for field in path { found = found?[field] }
    return found
  }
}

/// An event's id and order key where its body has no identity that we know of.
struct Identity: Sendable {
  enum ID: Sendable {
    case expression(Term)
    /// The `webhook-id` header; without it the request is an event of its own.
    case header
    case bodyHash
  }

  /// An expression, and its place in the body where it is nothing but a field of it; else no names.
  struct Term: Sendable {
    let expression: Expression
    let place: [String]

    init(_ expression: Expression) {
      self.expression = expression
      let path = expression.path ?? []
      place = path.first == "body" ? Array(path.dropFirst()) : []
    }
  }

  private let id: ID
  private let key: Term?

  init(_ settings: SourceSettings) throws(SettingsProblem) {
    switch settings.id {
    case nil: id = .header
    case "body-hash": id = .bodyHash
    case let source?: id = .expression(try Self.expression(source, "id"))
    }
    if let source = settings.key { key = try Self.expression(source, "key") } else { key = nil }
  }

  /// Whether the id is made of the event alone, and not of the request around it.
  var isOfBody: Bool {
    if case .expression = id { return true }
    return false
  }

  func id(of body: some IdentifiedBody, in request: Request) throws(Rejection) -> String {
    switch id {
    case .expression(let expression): return try Self.text(expression, "id", body, request)
    case .bodyHash: return "sha256:" + Hex.encode(Digest.sha256.hash(request.body))
    case .header:
      guard request.fields.contains("webhook-id") || request.fields.contains("svix-id") else {
        return "request:" + Hex.encode(Random.bytes(16))
      }
      return try Self.header(of: request)
    }
  }

  func key(of body: some IdentifiedBody, in request: Request, id: String) throws(Rejection) -> String {
    guard let key else { return id }
    return try Self.text(key, "key", body, request)
  }

  /// The `webhook-id`, which must be there.
  static func header(of request: Request) throws(Rejection) -> String {
    guard let id = request.webhookHeader("id"), !id.isEmpty, id.utf8.count <= Limits.identity else {
      throw .malformed("There has to be one webhook-id header, of \(Limits.identity) bytes at most.")
    }
    return id
  }

  private static let scope = Scope(["body": .dyn, "headers": .map(.string, .string)])

  private static func expression(_ source: String, _ place: String) throws(SettingsProblem) -> Term {
    do throws(ExpressionError) {
      let expression = try Expression(parsing: source)
      _ = try expression.check(scope)
      return Term(expression)
    } catch {
      throw SettingsProblem(place, error.description)
    }
  }

  /// A text that stands in the body is found without turning all of it into the values of expressions.
  private static func text(_ term: Term, _ place: String, _ body: some IdentifiedBody, _ request: Request)
    throws(Rejection) -> String
  {
    let found = term.place.isEmpty ? nil : body.value(at: term.place)
    if let text = found?.string, !text.isEmpty, text.utf8.count <= Limits.identity { return text }
    return try Self.text(term.expression, place, body.value, request)
  }

  private static func text(
    _ expression: Expression, _ place: String, _ body: JSON, _ request: Request
  ) throws(Rejection) -> String {
    var headers: [Value: Value] = [:]
    for field in request.fields { headers[.string(field.name.lowercased())] = .string(field.value) }
    let value: Value
    do {
      value = try expression.evaluate(["body": Value(body), "headers": .map(headers)])
    } catch {
      throw .malformed("The body lacks what the endpoint's \(place) is made of.")
    }
    guard let text = value.plainText, !text.isEmpty, text.utf8.count <= Limits.identity else {
      throw .malformed("The endpoint's \(place) has to be a text or a number of \(Limits.identity) bytes at most.")
    }
    return text
  }
}
