/// How a request's body ends (RFC 9112 6).
public enum Framing: Hashable, Sendable {
  case none
  /// Content-Length, octets.
  case length(Int)
  case chunked
}

/// How a request's body was packed (RFC 9110 8.4).
public enum ContentCoding: Hashable, Sendable {
  case identity
  case gzip
  /// Another coding, several, or an empty list of them.
  case unknown

  init(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) {
    // RFC 9110 8.4.1.3: x-gzip is the same.
    self = bytes.matches(value, "gzip") || bytes.matches(value, "x-gzip") ? .gzip : .unknown
  }
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
  public let coding: ContentCoding
  let rawTarget: Range<Int>

  /// The request target as it came.
  public var target: String { fields.text(rawTarget) }

  /// Whether octets follow that belong to this request.
  public var hasBody: Bool { framing != .none && framing != .length(0) }

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

extension RequestHead {
  /// The head of a request that no wire brought: `path` is decoded and has no dot segments, and `target` is empty.
  public init(method: Method, path: String, query: String? = nil, fields: Fields = Fields(), bodyLength: Int = 0) {
    self.init(
      method: method, version: .http11, path: path, query: query, fields: fields, framing: .length(bodyLength),
      isKeepAlive: true, expectsContinue: false, coding: .identity, rawTarget: 0..<0)
  }
}
