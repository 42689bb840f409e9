import Crypto
import Events
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

@testable import Service

/// What the public listener answers by a head alone, and in whose words it refuses.
@Suite struct AdmissionTests {
  private static let now = Instant(secondsSince1970: 1_795_000_000)
  private static let secret = "a-secret-of-the-test"
  let queue = MemoryQueue(clock: ManualClock())

  private func intake() throws -> Intake {
    let secrets = [SourceSecret("test", bytes: Array(Self.secret.utf8))]
    let hmac = HMACSettings(
      SignedSettings(header: "x-salesforce-signature", timestamp: "x-salesforce-timestamp"), secrets: secrets)
    var packed = SourceSettings(name: "packed", kind: "json", id: "body.id", verify: .all([.hmac(hmac)]))
    packed.gzip = true
    packed.bodyLimit = 50
    var plain = SourceSettings(name: "plain", kind: "json", id: "body.id", verify: .all([.hmac(hmac)]))
    plain.usualBodyLimit = 70
    let crm = SourceSettings(
      name: "crm", kind: "salesforce-outbound-message", organization: "00D7F00000107Xs",
      verify: .all([.token(secrets: secrets)]))
    let readiness = Readiness()
    readiness.become(.ready)
    return Intake(
      sources: [
        "packed": try SourceCatalogue.open(packed), "plain": try SourceCatalogue.open(plain),
        "crm": try SourceCatalogue.open(crm),
      ],
      queue: queue, readiness: readiness, now: { Self.now })
  }

  private func head(_ path: String, _ method: Method = .post, type: String? = nil) -> RequestHead {
    RequestHead(method: method, path: path, fields: type.map { ["Content-Type": $0] } ?? [:], bodyLength: 1)
  }

  private func text(_ response: Response) -> String {
    guard case .bytes(let bytes) = response.body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      ("/", Method.post, nil, 404, "problem"), ("/hooks/nobody", .post, nil, 404, "problem"),
      ("/hooks/crm/a/b", .post, nil, 404, "problem"), ("/hooks/crm", .get, nil, 405, "problem"),
      ("/healthz", .post, nil, 405, "problem"), ("/hooks/packed", .post, "text/xml", 415, "problem"),
      ("/hooks/crm/token", .post, "application/json", 415, "soapenv:Fault"),
    ] as [(String, Method, String?, UInt16, String)])
  func `what a head alone can decide is decided before the body`(
    path: String, method: Method, type: String?, status: UInt16, words: String
  ) throws {
    guard case .refuse(let response) = try intake().admit(head(path, method, type: type), from: .local) else {
      Issue.record("it was taken")
      return
    }
    #expect(response.status.rawValue == status)
    #expect(
      words == "problem" ? response.fields["Content-Type"]?.contains(words) == true : text(response).contains(words))
    #expect((response.fields["Allow"] != nil) == (status == 405))
  }

  @Test func `each endpoint says what a body may be`() throws {
    for (path, type, limits) in [
      ("/hooks/crm", "text/xml; charset=UTF-8", BodyLimits(bytes: 16 << 20)),
      ("/hooks/packed", "application/json", BodyLimits(bytes: 50, gzip: true)),
      ("/hooks/plain", "application/json", BodyLimits(bytes: 70)),
      ("/hooks/packed/token", nil, BodyLimits(bytes: 50, gzip: true)),
    ] {
      guard case .take(let found) = try intake().admit(head(path, type: type), from: .local) else {
        Issue.record("\(path) was refused")
        continue
      }
      #expect(found == limits)
    }
  }

  @Test(arguments: [
    Status.requestTimeout, .contentTooLarge, .badRequest, .unsupportedMediaType, .serviceUnavailable,
  ])
  func `what goes wrong with a body is said in the sender's words`(status: Status) throws {
    let error = HTTPError(status, "A sentence.")
    let fault = try intake().refuse(error, of: head("/hooks/crm/token"))
    #expect(fault.status == status)
    #expect(fault.fields["Content-Type"] == "text/xml; charset=utf-8")
    #expect(text(fault).contains("<faultstring>A sentence.</faultstring>") && !text(fault).contains("Ack"))
    for path in ["/hooks/packed", "/healthz"] {
      let problem = try intake().refuse(error, of: head(path))
      #expect(problem.status == status)
      #expect(problem.fields["Content-Type"] == "application/problem+json")
    }
  }

  @Test func `a signature is over what was sent or over what it holds`() async throws {
    let content = Array(#"{"id":"1"}"#.utf8)
    // The intake does not unpack; what was sent is any octets here.
    let sent = Array("packed".utf8)
    for (signed, status) in [(content, Status.accepted), (sent, .accepted), (content + sent, .unauthorized)] {
      let signature = SignedRequest.hmac(signed, endpoint: "packed", secret: Self.secret, at: Self.now)
      let request = Request(
        method: .post, path: signature.path, fields: signature.fields, body: content, sent: sent)
      #expect(try await intake().handle(request).status == status)
    }
    // What was not packed has one reading only.
    let signature = SignedRequest.hmac(sent, endpoint: "packed", secret: Self.secret, at: Self.now)
    let plain = SignedRequest.replacing(signature, body: content)
    #expect(try await intake().handle(plain).status == .unauthorized)
  }
}
