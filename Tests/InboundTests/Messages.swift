import Formats
import HTTP
import Inbound
import Support
import Web

/// Small messages of our own, and endpoints to send them to.
enum Messages {
  static let now = Instant(secondsSince1970: 1_795_000_000)
  static let organization = "00D7F00000107Xs"
  static let webhookSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

  static func outbound(_ notifications: String, organization: String = "00D7F00000107XsUAI", prefix: String = "soapenv")
    -> [UInt8]
  {
    Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <\(prefix):Envelope xmlns:\(prefix)="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
       <\(prefix):Body>
        <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
         <OrganizationId>\(organization)</OrganizationId>
         <ActionId>04k7F000000CaSPQA0</ActionId>
         <SessionId>00D7F00000107Xs!LIVE.CREDENTIAL</SessionId>
         <EnterpriseUrl>https://x.my.salesforce.com/services/Soap/c/62.0/00D7F00000107Xs</EnterpriseUrl>
         <PartnerUrl>https://x.my.salesforce.com/services/Soap/u/62.0/00D7F00000107Xs</PartnerUrl>
         \(notifications)
        </notifications>
       </\(prefix):Body>
      </\(prefix):Envelope>
      """.utf8)
  }

  static func notification(_ id: String, type: String = "Opportunity", _ fields: String) -> String {
    """
    <Notification><Id>\(id)</Id>
     <sObject xsi:type="sf:\(type)" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\(fields)</sObject>
    </Notification>
    """
  }

  static func settings(
    _ kind: String, organization: String? = organization, account: String? = "1234567_SB1", id: String? = nil,
    key: String? = nil, verify: SourceSettings.Verify? = .nothing, fields: [String: [ChangeEventField]] = [:]
  ) -> SourceSettings {
    SourceSettings(
      name: "endpoint", kind: kind, organization: organization, account: account, id: id, key: key, verify: verify,
      changeEventFields: fields)
  }

  static func json(_ text: String, fields: Fields = ["Content-Type": "application/json"]) -> Request {
    Request(method: .post, path: "/hooks/endpoint", fields: fields, body: Array(text.utf8))
  }
}

extension Source {
  /// Verifies and reads, as the intake does.
  func take(_ request: Request, at now: Instant = Messages.now) throws(Rejection) -> [TakenEvent] {
    try admit(request.fields)
    return try events(in: request, try verify(request, at: now)).map { TakenEvent($0) }
  }
}
