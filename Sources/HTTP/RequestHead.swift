/// How a request's body ends (RFC 9112 6).
public enum Framing: Hashable, Sendable {
  case none
  /// Content-Length, octets.
  case length(Int)
  case chunked
}

/// A request's head: valid, or it would not have been made. Made by `RequestHeadParser`.
public struct RequestHead: Hashable, Sendable {
  public let method: Method
  public let version: Version
  /// The path, percent-decoded, in origin form: begins with `/`, holds no control characters and no `.` or `..`
  /// segment. `*` for `OPTIONS *`.
  public let path: String
  /// What follows the first `?`, as it came: `Query` reads it.
  public let query: String?
  public let fields: Fields
  public let framing: Framing
  public let isKeepAlive: Bool
  /// The client waits for `100 Continue` before it sends the body.
  public let expectsContinue: Bool
  let rawTarget: Range<Int>

  /// The request target as it came.
  public var target: String { fields.text(rawTarget) }

  /// What Content-Length says, 0 without a body, nil for a chunked body.
  public var contentLength: Int? {
    switch framing {
    case .none: 0
    case .length(let length): length
    case .chunked: nil
    }
  }

  /// 413 before a body is read that says it is larger than `limit` octets.
  public func checkLength(limit: Int) throws(HTTPError) {
    if case .length(let length) = framing, length > limit {
      throw HTTPError(.contentTooLarge, "The body may have \(limit) octets.")
    }
  }
}
