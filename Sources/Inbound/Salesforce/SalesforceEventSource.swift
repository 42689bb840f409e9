import Events
import Formats
import Web

/// Change events and platform events as JSON, in every shape in which they leave Salesforce, one or several in a body.
///
/// A signed object of no known shape is stored as a platform event: what was proven is not lost.
struct SalesforceEventSource: JSONAnswers {
  let bodyLimits: BodyLimits
  private let endpoint: String
  private let system: System
  private let organization: String
  let verifier: Verifier
  private let identity: Identity
  private let fields: [String: [ChangeEventField]]

  init(_ settings: SourceSettings, _ verifier: Verifier) throws(SettingsProblem) {
    organization = try SalesforceID.organization(settings)
    bodyLimits = settings.bodyLimits()
    endpoint = settings.name
    system = System(.salesforce, organization)
    identity = try Identity(settings)
    fields = settings.changeEventFields
    self.verifier = verifier
  }

  func events(in request: Request, _ proof: Proof) throws(Rejection) -> [Event] {
    let body = try body(of: request).value
    // EventBridge sends arrays when it is told to batch, CometD always.
    let messages = body.array ?? [body]
    guard !messages.isEmpty else { throw .malformed("The body holds no event.") }
    guard messages.count <= Limits.eventsOfARequest else { throw .tooMany }
    var events: [Event] = []
    var size = 0
    for (place, message) in messages.enumerated() {
      guard let object = message.object else { throw .malformed("An event has to be a JSON object.") }
      let envelope = EventEnvelope(object)
      if let sender = envelope.organization, !SalesforceID.isSame(sender, organization) {
        throw .foreign("The event is from another organization than the endpoint's.")
      }
      if let change = ChangeEvent(envelope, fields) {
        size += change.size
        guard events.count + change.records.count <= Limits.eventsOfARequest, size <= Limits.payloadsOfARequest else {
          throw .tooMany
        }
        events += self.events(change, proof)
      } else {
        // A webhook-id counts for the whole request: events behind the first are told apart by their place.
        events.append(try platformEvent(envelope, message, request, proof, place: messages.count > 1 ? place : nil))
      }
    }
    return events
  }

  private func events(_ change: ChangeEvent, _ proof: Proof) -> [Event] {
    change.records.map { record in
      Event(
        system: system, endpoint: endpoint, id: change.id(of: record), kind: .changeEvent, key: change.key(of: record),
        subject: change.entity, change: change.kind(of: record), receivedAt: proof.at,
        payload: change.payload(of: record))
    }
  }

  private func platformEvent(
    _ envelope: EventEnvelope, _ message: JSON, _ request: Request, _ proof: Proof, place: Int?
  ) throws(Rejection) -> Event {
    var id: String
    if let known = envelope.identity {
      id = known
    } else {
      id = try identity.id(of: message, in: request)
      if let place, !identity.isOfBody { id += "#\(place)" }
    }
    let key = try identity.key(of: message, in: request, id: id)
    guard id.utf8.count <= Limits.identity else { throw .malformed("The event's id is too long.") }
    return Event(
      system: system, endpoint: endpoint, id: id, kind: .platformEvent, key: key, subject: envelope.name,
      receivedAt: proof.at, payload: envelope.payload)
  }
}
