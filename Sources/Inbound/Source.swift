import Events
import Formats
import HTTP
import Web

/// One endpoint's way of taking webhooks: proves who sent a request, says which events it holds, and answers in the
/// sender's own words.
///
/// Used in this order: `admit`, `verify`, `events`, the queue's append, then `acknowledge`; `refuse` wherever something is
/// wrong, and where nothing can be stored now (`Rejection.unavailable`).
public protocol Source: Sendable {
  /// What a body may be.
  var bodyLimits: BodyLimits { get }

  /// Looks at the head alone, before anything of the body is read: is the media type one that the source reads?
  func admit(_ fields: Fields) throws(Rejection)

  /// How senders prove themselves.
  var verifier: Verifier { get }

  /// Looks at the raw bytes only: nothing is parsed before it is proven.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proof

  /// All events of the request, or none of them.
  func events(in request: Request, _ proof: Proof) throws(Rejection) -> [Event]

  /// Only for events that are on disk, synced.
  func acknowledge(_ accepted: [Accepted]) -> Response

  func refuse(_ rejection: Rejection) -> Response
}

extension Source {
  public func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proof {
    try verifier.verify(request, at: now)
  }
}

/// That a request is from who it should be from.
public struct Proof: Hashable, Sendable {
  /// When it was verified; the events' `receivedAt`.
  public let at: Instant
  /// Which keys held, one for each entry of `verify` that has keys.
  public let matched: [KeyUse]

  public init(at: Instant, matched: [KeyUse]) {
    self.at = at
    self.matched = matched
  }
}

enum Limits {
  /// Bytes of an outbound message: 100 notifications of wide records.
  static let outboundMessageBody = 16 << 20
  /// Events of one request, whatever its kind; Salesforce sends a hundred notifications at most.
  static let eventsOfARequest = 10_000
  /// Bytes that the payloads of one request's events may take together: each record of a change has the whole change.
  static let payloadsOfARequest = 32 << 20
  /// Fields that one object of a WSDL may have; Salesforce allows some 900.
  static let fieldsOfAnObject = 2_000
  /// Hexadecimal digits of one bitmap over the fields of an object.
  static let bitmapDigits = 1_024
  /// Bytes of the name of a field.
  static let salesforceName = 255
  /// Bytes of an event's id and of its key.
  static let identity = 1024
  /// Bytes of an id that Salesforce gives, with room for what no id is.
  static let salesforceID = 64
  /// Seconds a signature's time stamp may be off, where the settings say nothing; the most that clocks may differ.
  static let age: Int64 = 300
  /// Seconds a time stamp may be off at most: as long as identities are remembered.
  static let maxAge: Int64 = 7 * 86_400
  /// Seconds a token may be good for at most.
  static let tokenLifetime: Int64 = 86_400
  /// Signatures and other elements in one header; a rotation needs a few.
  static let signatureElements = 16
  /// Ways in which an endpoint's entries of `verify` can all hold: the product of their numbers of keys.
  static let keyCombinations = 4096
}
