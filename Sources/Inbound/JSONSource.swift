import Events
import Formats
import Web

/// Any JSON value, from anyone who can sign one.
struct JSONSource: JSONAnswers {
  let bodyLimits: BodyLimits
  private let endpoint: String
  private let system: System
  let verifier: Verifier
  private let identity: Identity

  init(_ settings: SourceSettings, _ verifier: Verifier) throws(SettingsProblem) {
    bodyLimits = settings.bodyLimits()
    endpoint = settings.name
    system = System(.json, settings.name)
    identity = try Identity(settings)
    self.verifier = verifier
  }

  func events(in request: Request, _ proof: Proof) throws(Rejection) -> [Event] {
    let body = try body(of: request)
    let id = try identity.id(of: body, in: request)
    let key = try identity.key(of: body, in: request, id: id)
    return [
      Event(
        system: system, endpoint: endpoint, id: id, kind: .json, key: key, subject: endpoint, receivedAt: proof.at,
        payload: Self.payload(request.body))
    ]
  }

  /// `{"body":…}`: the body as it came, now that it is known to be one strict JSON text.
  private static func payload(_ body: [UInt8]) -> [UInt8] {
    var payload: [UInt8] = []
    payload.reserveCapacity(body.count + 16)
    payload.append(contentsOf: #"{"body":"#.utf8)
    payload.append(contentsOf: body)
    payload.append(UInt8(ascii: "}"))
    return payload
  }
}
