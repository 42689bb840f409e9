import Crypto
import Events
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// What every source must hold, whatever it takes.
@Suite struct SourceContract {
  static let now = Instant(secondsSince1970: 1_795_000_000)
  private static let webhookSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  /// Stands in every body and in every secret; must never come back.
  static let canary = "CANARYvalue"

  struct Subject: CustomTestStringConvertible, Sendable {
    let settings: SourceSettings
    let request: Request
    /// Whether the proof covers the body; a token does not.
    var isSigned = true
    var testDescription: String {
      guard case .all(let entries) = settings.verify else { return settings.kind }
      return "\(settings.kind) by \(entries.map(\.name).joined(separator: " and "))"
    }
  }

  @Test(arguments: try subjects())
  func `a replay gives the same events`(subject: Subject) throws {
    let source = try SourceCatalogue.open(subject.settings)
    let proof = try source.verify(subject.request, at: Self.now)
    let first = try source.events(in: subject.request, proof)
    #expect(!first.isEmpty)
    #expect(try source.events(in: subject.request, proof) == first)
    let later = try source.verify(subject.request, at: Self.now.adding(seconds: 60))
    let again = try source.events(in: subject.request, later)
    #expect(again.map(\.id) == first.map(\.id))
    #expect(again.map(\.payload) == first.map(\.payload))
    #expect(Set(first.map(\.id)).count == first.count)
    #expect(try SourceCatalogue.open(subject.settings).events(in: subject.request, proof) == first)
  }

  @Test(arguments: try subjects())
  func `events are complete`(subject: Subject) throws {
    let source = try SourceCatalogue.open(subject.settings)
    for event in try source.events(in: subject.request, try source.verify(subject.request, at: Self.now)) {
      #expect(event.endpoint == subject.settings.name)
      #expect(event.receivedAt == Self.now)
      #expect(!event.id.isEmpty && !event.key.isEmpty)
      #expect(try JSON.parse(event.payload).object != nil)
    }
  }

  @Test(arguments: try subjects())
  func `a flipped bit in a signed body is 401`(subject: Subject) throws {
    guard subject.isSigned else { return }
    let source = try SourceCatalogue.open(subject.settings)
    for index in subject.request.body.indices {
      var body = subject.request.body
      body[index] ^= 1 << (index % 8)
      #expect(Self.status(source, SignedRequest.replacing(subject.request, body: body)) == .unauthorized)
    }
    #expect(Self.status(source, SignedRequest.replacing(subject.request, body: [])) == .unauthorized)
  }

  @Test(arguments: try subjects())
  func `without its proof a request is 401, whatever it holds`(subject: Subject) throws {
    let source = try SourceCatalogue.open(subject.settings)
    for body in [subject.request.body, [], Array("{}".utf8)] {
      let request = Request(method: .post, path: "/hooks/\(subject.settings.name)", body: body)
      #expect(Self.status(source, request) == .unauthorized)
    }
  }

  @Test(arguments: try subjects())
  func `a refusal never acknowledges, and nothing of a payload or a secret comes back`(subject: Subject) throws {
    let source = try SourceCatalogue.open(subject.settings)
    let good = Self.text(source.acknowledge([Accepted(sequence: 1, verdict: .stored)]))
    #expect(!good.contains(Self.canary))
    let proof = try source.verify(subject.request, at: Self.now)
    for body in Self.damaged(subject.request.body) {
      do throws(Rejection) {
        _ = try source.events(in: SignedRequest.replacing(subject.request, body: body), proof)
      } catch {
        let response = source.refuse(error)
        #expect(response.status.rawValue >= 400)
        #expect(Self.text(response) != good)
        #expect(!Self.text(response).contains("<Ack>") && !Self.text(response).contains("accepted"))
        #expect(!Self.text(response).contains(Self.canary))
        #expect(!error.description.contains(Self.canary))
      }
    }
    let busy = source.refuse(.unavailable(retryAfter: 5))
    #expect(busy.status == .serviceUnavailable)
    #expect(busy.fields["Retry-After"] == "5")
    #expect(busy.fields.isValid)
  }

  @Test(arguments: try subjects())
  func `a body beyond the limit is 413`(subject: Subject) throws {
    let source = try SourceCatalogue.open(subject.settings)
    let proof = try source.verify(subject.request, at: Self.now)
    let large = [UInt8](repeating: 0x20, count: source.bodyLimits.bytes + 1)
    do throws(Rejection) {
      _ = try source.events(in: SignedRequest.replacing(subject.request, body: large), proof)
      Issue.record("it was taken")
    } catch {
      #expect(error.status == .contentTooLarge)
    }
  }

  // MARK: What it runs over

  private static func subjects() throws -> [Subject] {
    let token = SourceSecret("env:TOKEN", bytes: Array(canary.utf8))
    let hmac = Verification.hmac(
      HMACSettings(
        SignedSettings(header: "x-salesforce-signature", timestamp: "x-salesforce-timestamp"), secrets: [token]))
    let webhooks = Verification.standardWebhooks(secrets: [SourceSecret("env:W", bytes: Array(webhookSecret.utf8))])
    func settings(_ kind: String, _ entries: [Verification], id: String? = nil) -> SourceSettings {
      SourceSettings(
        name: "in", kind: kind, organization: "00D7F00000107Xs", account: "1234567_SB1", id: id, verify: .all(entries))
    }
    let message = outboundMessage()
    let netsuite = Array(
      #"{"account":"1234567_SB1","record":{"type":"salesorder","id":"4711"},"event":"edit","fields":{"a":"\#(canary)"}}"#
        .utf8)
    let change = Array(changeEvent().utf8)
    let json = Array(#"{"id":"1","value":"\#(canary)"}"#.utf8)
    return try [
      Subject(
        settings: settings("salesforce-outbound-message", [.token(secrets: [token])]),
        request: SignedRequest.outboundMessage(message, endpoint: "in", token: canary), isSigned: false),
      Subject(
        settings: settings("salesforce-outbound-message", [hmac]),
        request: SignedRequest.replacing(
          SignedRequest.hmac(message, endpoint: "in", secret: canary, at: now), "Content-Type", "text/xml")),
      Subject(
        settings: settings("salesforce-event", [hmac]),
        request: SignedRequest.hmac(change, endpoint: "in", secret: canary, at: now)),
      Subject(
        settings: settings("netsuite", [webhooks]),
        request: try SignedRequest.standardWebhooks(netsuite, endpoint: "in", secret: webhookSecret, at: now)),
      Subject(
        settings: settings("json", [webhooks], id: "body.id"),
        request: try SignedRequest.standardWebhooks(json, endpoint: "in", secret: webhookSecret, at: now)),
      Subject(
        settings: settings("json", [hmac], id: "body-hash"),
        request: SignedRequest.hmac(json, endpoint: "in", secret: canary, at: now)),
    ] + waysToProve(json)
  }

  private static func outboundMessage() -> [UInt8] {
    func notification(_ number: Int) -> String {
      """
      <Notification><Id>04l7F000000\(number)AAAQAY</Id>
      <sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
      <sf:Id>0017F00000ABCDEQA5</sf:Id><sf:Name>\(canary)</sf:Name></sObject></Notification>
      """
    }
    return Array(
      """
      <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <e:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
      <OrganizationId>00D7F00000107XsUAI</OrganizationId><SessionId>\(canary)</SessionId>
      \(notification(1))\(notification(2))
      </notifications></e:Body></e:Envelope>
      """.utf8)
  }

  private static func changeEvent() -> String {
    #"{"Name":"\#(canary)","ChangeEventHeader":{"entityName":"Account","recordIds":["0017F00000ABCDEQA5"],"#
      + #""changeType":"UPDATE","transactionKey":"t","sequenceNumber":1}}"#
  }

  /// Cut at every place, and with every byte changed.
  private static func damaged(_ body: [UInt8]) -> [[UInt8]] {
    let cut = body.indices.map { Array(body[..<$0]) }
    let changed = body.indices.map { index in
      var copy = body
      copy[index] = 0x3C
      return copy
    }
    return cut + changed + [Array("CANARYvalue".utf8), Array("{\"CANARYvalue\":1,\"CANARYvalue\":2}".utf8)]
  }

  private static func status(_ source: any Source, _ request: Request) -> Status? {
    do throws(Rejection) {
      _ = try source.verify(request, at: now)
      return nil
    } catch {
      return error.status
    }
  }

  private static func text(_ response: Response) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
