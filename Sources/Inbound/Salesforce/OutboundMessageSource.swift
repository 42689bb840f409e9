import Events
import Formats
import HTTP
import Web

/// Salesforce's outbound messages: SOAP, up to a hundred notifications, each an event; all of them are stored or none.
struct OutboundMessageSource: Source {
  let bodyLimits: BodyLimits
  private let endpoint: String
  private let system: System
  private let organization: String
  let verifier: Verifier
  private let lists: FieldLists
  private let notice: @Sendable (SourceNotice) -> Void

  init(_ settings: SourceSettings, _ verifier: Verifier) throws(SettingsProblem) {
    organization = try SalesforceID.organization(settings)
    bodyLimits = settings.bodyLimits(atLeast: Limits.outboundMessageBody)
    lists = settings.fieldLists
    notice = settings.notice
    endpoint = settings.name
    system = System(.salesforce, organization)
    self.verifier = verifier
  }

  func admit(_ fields: Fields) throws(Rejection) {
    guard MediaType.isXML(fields) else { throw .mediaType("text/xml") }
  }

  func events(in request: Request, _ proof: Proof) throws(Rejection) -> [Event] {
    guard request.body.count <= bodyLimits.bytes else { throw .tooLarge(limit: bodyLimits.bytes) }
    let message: OutboundMessage
    do {
      message = try OutboundMessageReader.read(request.body, lists)
    } catch {
      throw .malformed(error)
    }
    guard SalesforceID.isSame(message.organization, organization) else {
      throw .foreign("The message is from another organization than the endpoint's.")
    }
    for notification in message.notifications where !notification.unlisted.isEmpty { tell(notification) }
    return message.notifications.map { notification in
      Event(
        system: system, endpoint: endpoint, id: notification.id, kind: .outboundMessage,
        key: notification.record ?? notification.id, subject: notification.type, change: notification.change,
        receivedAt: proof.at, payload: notification.payload)
    }
  }

  private func tell(_ notification: OutboundMessage.Notification) {
    for field in notification.unlisted {
      notice(
        SourceNotice(
          endpoint: endpoint, code: "field-not-listed", subject: "\(notification.type).\(field)",
          sentence: "the message brings a field that its WSDL does not have: give the endpoint the WSDL as it is now"))
    }
  }

  /// One answer is for all notifications; there is no way to acknowledge some of them.
  func acknowledge(_ accepted: [Accepted]) -> Response { SOAP.acknowledgement }

  func refuse(_ rejection: Rejection) -> Response { SOAP.fault(rejection) }
}
