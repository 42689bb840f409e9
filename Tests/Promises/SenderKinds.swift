import Crypto
import Formats
import Foundation
import HTTP
import JWT
import Net
import Posix
import Support

/// An endpoint for each way of proving a sender beside those of the deployed folder, and who sends there: well, wrongly,
/// and nonsense.
struct SenderKinds {
  let canaries: Canaries
  private let names = [
    "hmac-key": "f7Vq-hmac-shared-secret-93kd", "basic": "relay-user:c0rrect-horse-Battery",
    "bearer": "bearer-T0ken-x8Qz71LmN",
    "api-key": "api-Key-77ZpQw41vB", "webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  ]
  private let signer: PrivateKey
  private let authority: TestCertificate
  private let server: TestCertificate
  private let client: TestCertificate
  private let now = Instant(secondsSince1970: Moment.now)

  static let name = "Wilhelmina Quillfeather"
  static let mail = "wilhelmina@quillfeather.example"
  static let phone = "+1 503 555 0142"
  static let note = "Allergic to penicillin"
  static let amount = "48151.62"
  /// What reasons quote: of what is dead, and of what is held.
  static let other = "Ottoline Ravenscroft"
  static let product = "BENCH-QUILL-9"
  private static let session = "00D7F00000107Xs!AQ.live.Session.Credential"
  private static let attempt = "almost-the-Right-Secret-91"
  private static let audience = "https://hooks.example.com"

  init() throws {
    signer = try PrivateKey.generateP256()
    authority = try TestCertificate("authority", isAuthority: true)
    server = try TestCertificate("server", names: ["DNS:localhost"])
    client = try TestCertificate("crm", by: authority)
    var canaries = Canaries()
    for (name, secret) in names { canaries.add(secret: name, secret) }
    canaries.add(secret: "webhooks, decoded", Base64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ?? [])
    canaries.add(secret: "a session id", Self.session)
    canaries.add(secret: "a secret that is not quite right", Self.attempt)
    canaries.add(key: "the TLS key", server.keyPEM)
    canaries.add(key: "the senders' key", try signer.pem())
    for (name, text) in [("name", Self.name), ("mail", Self.mail), ("phone", Self.phone), ("note", Self.note)] {
      canaries.add(personal: name, text)
    }
    canaries.add(personal: "amount", Self.amount)
    canaries.add(quoted: "another name", Self.other)
    canaries.add(quoted: "product", Self.product)
    self.canaries = canaries
  }

  // MARK: the configuration

  /// Writes the files and the endpoints.
  func configure(_ product: ProductProcess) throws {
    let folder = product.config + "/secrets"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var files = names.mapValues { Array($0.utf8) }
    files["server.pem"] = server.pem
    files["server.key"] = server.keyPEM
    files["clients.pem"] = authority.pem
    files["sender.pem"] = try signer.publicKey.pem()
    for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    let ways = [
      "a-hmac": "hmac: { header: x-signature, secrets: [ file:secrets/hmac-key ] }",
      "a-basic": "basic: { secrets: [ file:secrets/basic ] }",
      "a-bearer": "bearer: { secrets: [ file:secrets/bearer ] }",
      "a-key": "bearer: { header: x-api-key, secrets: [ file:secrets/api-key ] }",
      "a-webhook": "standard-webhooks: { secrets: [ file:secrets/webhooks ] }",
      "a-signature":
        "signature: { header: x-signature, algorithm: ecdsa-sha256, encoding: base64, public-keys: [ file:secrets/sender.pem ] }",
      "a-jwt": "jwt: { keys: [ file:secrets/sender.pem ], audience: \"\(Self.audience)\" }",
      "a-certificate": "client-certificate: { subject: [ \"CN:crm\" ] }",
    ]
    let endpoints = ways.sorted { $0.key < $1.key }.map { name, way in
      "  \(name): { kind: json, id: body.id, verify: [ { \(way) } ] }\n"
    }
    try product.edit("causeway.yaml") { text in
      text.replacingOccurrences(
        of: "public:  127.0.0.1:0",
        with: "public: [ { address: 127.0.0.1:0, tls: false }, { address: 127.0.0.1:0, tls: true } ]")
        + endpoints.joined()
        + "tls: { certificate: file:secrets/server.pem, key: file:secrets/server.key, client-ca: file:secrets/clients.pem }\n"
    }
  }

  // MARK: requests

  struct Sent {
    let what: String
    let bytes: [UInt8]
    let statuses: Set<Int>

    init(_ what: String, _ text: String, _ statuses: Int...) {
      self.what = what
      bytes = Array(text.utf8)
      self.statuses = Set(statuses)
    }
  }

  private func body(_ id: String) -> String {
    #"{"id":"\#(id)","name":"\#(Self.name)","mail":"\#(Self.mail)","phone":"\#(Self.phone)","amount":\#(Self.amount)}"#
  }

  /// Well-formed up to a personal word.
  private var broken: String { #"{"id":"x","note":"\#(Self.note)","amount":\#(Self.amount),,"mail":"\#(Self.mail)"}"# }

  private func post(_ target: String, _ fields: [String], _ body: String, type: String = "application/json") -> String {
    "POST \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: \(type)\r\n"
      + fields.map { "\($0)\r\n" }.joined() + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// What proves a body at each endpoint of ours.
  private func proofs(_ body: String, _ id: String) throws -> [(endpoint: String, fields: [String])] {
    let bytes = Array(body.utf8)
    let code = HMACKey(.sha256, key: Array((names["hmac-key"] ?? "").utf8)).code(for: [bytes])
    let webhook = try StandardWebhooks(secrets: [names["webhooks"] ?? ""])
      .sign(id: id, timestamp: now.secondsSince1970, body: bytes)
    let claims: JSONObject = [
      "aud": .string(Self.audience), "jti": .string("jti-\(id)"), "exp": .number(now.secondsSince1970 + 300),
    ]
    let token = try JWT.sign(header: [:], claims: claims, key: signer, algorithm: .ES256)
    return [
      ("a-hmac", ["x-signature: \(Hex.encode(code))"]),
      ("a-basic", ["Authorization: Basic \(Base64.encode((names["basic"] ?? "").utf8))"]),
      ("a-bearer", ["Authorization: Bearer \(names["bearer"] ?? "")"]),
      ("a-key", ["x-api-key: \(names["api-key"] ?? "")"]),
      (
        "a-webhook",
        ["webhook-id: \(id)", "webhook-timestamp: \(now.secondsSince1970)", "webhook-signature: \(webhook)"]
      ),
      ("a-signature", ["x-signature: \(Base64.encode(try signer.sign(bytes, .ecdsa(.sha256))))"]),
      ("a-jwt", ["Authorization: Bearer \(token)"]),
    ]
  }

  /// Over the plain listener.
  func requests(crmToken: String) throws -> [Sent] {
    var sent: [Sent] = []
    for (endpoint, fields) in try proofs(body("good"), "msg_good") {
      sent.append(Sent("good at \(endpoint)", post("/hooks/\(endpoint)", fields, body("good")), 202))
      sent.append(Sent("without proof at \(endpoint)", post("/hooks/\(endpoint)", [], body("none")), 401))
      let wrong = fields.map { "\($0.prefix { $0 != ":" }): \(Self.attempt)" }
      sent.append(Sent("refused at \(endpoint)", post("/hooks/\(endpoint)", wrong, body("wrong")), 401))
    }
    for (endpoint, fields) in try proofs(broken, "msg_broken") {
      sent.append(Sent("malformed at \(endpoint)", post("/hooks/\(endpoint)", fields, broken), 400))
    }
    let pair = Base64.encode("user:\(Self.attempt)".utf8)
    let message = outboundMessage
    return sent + [
      Sent("another password", post("/hooks/a-basic", ["Authorization: Basic \(pair)"], body("wrong")), 401),
      Sent("a message with a session", post("/hooks/crm/\(crmToken)", [], message, type: "text/xml"), 200),
      Sent("its token not quite", post("/hooks/crm/\(Self.attempt)", [], message, type: "text/xml"), 401),
      Sent("half of it", post("/hooks/crm/\(crmToken)", [], String(message.dropLast(150)), type: "text/xml"), 400),
      Sent("of another organization", post("/hooks/crm/\(crmToken)", [], foreignMessage, type: "text/xml"), 403),
      Sent("no endpoint", post("/hooks/\(Self.attempt)", ["Authorization: Bearer \(Self.attempt)"], body("x")), 404),
      Sent("no path", "GET /\(Self.attempt)?mail=\(Self.mail) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 404),
      Sent("no method", "\(Self.attempt) / HTTP/1.1\r\nHost: h\r\n\r\n", 400, 501),
      Sent("no field", "GET / HTTP/1.1\r\nHost: h\r\n\(Self.attempt) \(Self.mail)\r\n\r\n", 400),
      Sent("no host", "GET / HTTP/1.1\r\nHost: \(Self.mail) \(Self.attempt)\r\n\r\n", 400),
      Sent("no media type", post("/hooks/a-bearer", [], body("x"), type: "text/\(Self.attempt)"), 415),
      Sent("no length", "POST /hooks/a-bearer HTTP/1.1\r\nHost: h\r\nContent-Length: \(Self.attempt)\r\n\r\n", 400),
      Sent(
        "a long head", "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: Self.attempt, count: 2_000))\r\n\r\n", 431),
    ]
  }

  private var outboundMessage: String { message(organization: "00D7F00000107XsUAI") }
  private var foreignMessage: String { message(organization: "00D7F00000107XtUAI") }

  private func message(organization: String) -> String {
    """
    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" \
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>\
    <notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>\(organization)</OrganizationId>\
    <SessionId>\(Self.session)</SessionId><Notification><Id>04l7F000000QUILAAA</Id>\
    <sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\
    <sf:Id>0037F00000QUILLQA5</sf:Id><sf:Email>\(Self.mail)</sf:Email><sf:Name>\(Self.name)</sf:Name></sObject>\
    </Notification></notifications></soapenv:Body></soapenv:Envelope>
    """
  }

  /// Each request's answer, by what the request was; a wrong status is an answer too.
  func send(to address: SocketAddress, crmToken: String) async throws -> [(what: String, answer: Data, isRight: Bool)] {
    var answers: [(what: String, answer: Data, isRight: Bool)] = []
    for request in try requests(crmToken: crmToken) {
      let client = try RawClient(address)
      try? client.send(request.bytes)
      let answer = try await client.readAnswer()
      let all = Data((answer.head.joined(separator: "\n") + "\n").utf8) + Data(answer.body)
      answers.append((request.what, all, request.statuses.contains(answer.status)))
    }
    return answers
  }

  /// Over the TLS listener: with the right certificate, with none, with a stranger's, and what is no TLS.
  func sendOverTLS(to address: SocketAddress) async throws -> [(what: String, answer: Data, isRight: Bool)] {
    var answers: [(what: String, answer: Data, isRight: Bool)] = []
    let stranger = try TestCertificate(Self.name)
    for (certificate, expected) in [(client, "HTTP/1.1 202 "), (nil, "HTTP/1.1 401 "), (stranger, "refused: ")] {
      var answer = ""
      // A handshake that had no turn for five seconds, on a busy machine, is begun anew.
      for _ in 0..<10 where !answer.hasPrefix(expected) { answer = try await post(to: address, certificate) }
      answers.append(("TLS, \(expected)", Data(answer.utf8), answer.hasPrefix(expected)))
    }
    let raw = try RawClient(address)
    try raw.send(Array("\(Self.attempt) \(Self.mail)\r\n\r\n".utf8))
    raw.endSending()
    answers.append(("no TLS", Data((try? await raw.readToEnd()) ?? []), true))
    return answers
  }

  private func post(to address: SocketAddress, _ certificate: TestCertificate?) async throws -> String {
    var options = TLSClient.Options()
    options.certificate = certificate?.pem
    options.key = certificate?.keyPEM
    do {
      let connection = try await TLSClient(address, options)
      try await connection.send(post("/hooks/a-certificate", [], body("over-tls")))
      return try await connection.readToEnd()
    } catch let refused as TLSClient.Refused {
      return "refused: \(refused.reason)"
    } catch is Errno {
      // Closed while the client was still sending.
      return "refused: "
    }
  }
}
