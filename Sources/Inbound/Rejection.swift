import Formats
import HTTP

/// Why a request was not taken. Says nothing of what the request held, nor of any secret.
public struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
  public let status: Status
  /// For logs and counters, in kebab case: `signature-wrong`.
  public let code: String
  public let sentence: String
  /// Seconds, with 503.
  public let retryAfter: Int64?

  /// `WWW-Authenticate`, with 401.
  let challenges: [String]

  public init(_ status: Status, _ code: String, _ sentence: String, retryAfter: Int64? = nil) {
    self.init(status, code, sentence, retryAfter, ["Signature"])
  }

  private init(_ status: Status, _ code: String, _ sentence: String, _ retryAfter: Int64?, _ challenges: [String]) {
    self.status = status
    self.code = code
    self.sentence = sentence
    self.retryAfter = retryAfter
    self.challenges = challenges
  }

  /// What was wrong with the request as HTTP, once its head was known.
  public init(_ error: HTTPError) {
    let code =
      switch error.status {
      case .requestTimeout: "too-slow"
      case .contentTooLarge: "too-large"
      case .unsupportedMediaType: "content-coding"
      default: "malformed"
      }
    self.init(error.status, code, error.detail)
  }

  /// The same, for an endpoint whose senders prove themselves in these ways.
  func challenged(by challenges: [String]) -> Rejection { Rejection(status, code, sentence, retryAfter, challenges) }

  public var description: String { "\(status.rawValue) \(code): \(sentence)" }

  /// 401: the proof is missing, wrong or too old. The sender is told no more than that; the code says which.
  static func unproven(_ code: String) -> Rejection {
    Rejection(.unauthorized, code, "What has to prove the sender is missing, wrong or too old.")
  }

  /// 403: proven, and from an address that is not allowed.
  static let refusedAddress = Rejection(
    .forbidden, "refused-address", "Requests from this address are not taken.")

  /// 403: proven, and from the wrong organization or account.
  static func foreign(_ sentence: String) -> Rejection { Rejection(.forbidden, "foreign", sentence) }

  /// 400: not well-formed, or not what the endpoint takes.
  static func malformed(_ sentence: String) -> Rejection { Rejection(.badRequest, "malformed", sentence) }

  static func malformed(_ error: JSONError) -> Rejection { malformed("The body is not JSON: \(error).") }

  static func malformed(_ error: XMLError) -> Rejection { malformed("The body is not what is expected: \(error).") }

  /// 415.
  static func mediaType(_ expected: String) -> Rejection {
    Rejection(.unsupportedMediaType, "media-type", "The body has to be \(expected), in UTF-8.")
  }

  /// 413.
  public static func tooLarge(limit: Int) -> Rejection {
    Rejection(.contentTooLarge, "too-large", "The body may have \(limit) bytes at most.")
  }

  /// 413: the body is not too large, what it asks for is.
  static let tooMany = Rejection(
    .contentTooLarge, "too-many",
    "The body may make \(Limits.eventsOfARequest) events of \(Limits.payloadsOfARequest) bytes together at most.")

  /// 503: nothing is wrong with the request, and it could not be stored.
  public static func unavailable(retryAfter: Int64) -> Rejection {
    Rejection(.serviceUnavailable, "unavailable", "Nothing can be stored now; send it again.", retryAfter: retryAfter)
  }

  /// The header fields that belong to the status (RFC 9110 sections 10.2.3 and 11.6.1).
  func addFields(to response: inout Response) {
    if let retryAfter { response.fields["Retry-After"] = String(retryAfter) }
    guard status == .unauthorized else { return }
    for challenge in challenges { response.fields.append("WWW-Authenticate", challenge) }
  }
}
