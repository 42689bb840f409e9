/// Why a request cannot be served, with the status to answer. After it the connection closes: where the next request
/// would begin is unknown.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  public let status: Status
  /// A sentence of ours; it never quotes the request.
  public let detail: String

  public init(_ status: Status, _ detail: String) {
    self.status = status
    self.detail = detail
  }

  public var description: String { "\(status.rawValue) \(status.reason): \(detail)" }

  static func malformed(_ detail: String) -> HTTPError { HTTPError(.badRequest, detail) }

  /// RFC 9457 problem with this status and detail.
  public var response: Response { .problem(status, title: status.reason, detail: detail) }
}
