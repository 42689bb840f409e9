import HTTP

/// One request to another system. `url` is absolute, `http` or `https`, already percent-encoded.
public struct OutgoingRequest: Sendable {
  public var method: Method
  public var url: String
  public var fields: Fields
  public var body: [UInt8]
  /// For the whole exchange, from the name look-up to the last byte of the answer, in milliseconds.
  public var deadline: Int64

  public init(method: Method, url: String, fields: Fields = [:], body: [UInt8] = [], deadline: Int64 = 30_000) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
    self.deadline = deadline
  }
}

public struct ClientResponse: Sendable {
  public var status: Int
  public var fields: Fields
  public var body: [UInt8]

  public init(status: Int, fields: Fields = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// Why there is no answer. What matters to a caller that writes is whether the other side may have acted.
public enum ClientError: Error, Hashable, Sendable {
  /// Never sent: the address, the URL or a header is not allowed.
  case refused(String)
  /// Never sent: no connection.
  case notSent(String)
  /// Sent, in part or whole, and no answer came: nobody knows whether it was done.
  case unanswered(String)
  /// Answered with more than `limit` bytes; what was asked may have been done.
  case tooLarge(limit: Int)
}

/// Sends a request once. It follows no redirects and repeats nothing.
public protocol HTTPClient: Sendable {
  func send(_ request: OutgoingRequest) async throws(ClientError) -> ClientResponse
}

/// The bounds of this target.
public struct ClientLimits: Sendable {
  /// Bytes of an answer's body.
  public var bodyBytes = 64 << 20
  /// Bytes of an answer's head.
  public var headBytes = 64 << 10
  /// Milliseconds for the name look-up, the connection and its handshake.
  public var connectMilliseconds: Int64 = 15_000
  public var connectionsPerHost = 32
  public var idleConnections = 64

  public init() {}
}
