import Crypto
import Events
import Formats
import HTTP
import Inbound
import JWT
import Logging
import Queue
import Support
import Testing
import Web

@testable import Service

/// The same request again, inside the window: it is known, before a restart and after it.
@Suite struct ReplayTests {
  private static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  private static let body = Array(#"{"id":"1"}"#.utf8)
  private static let now = Instant(secondsSince1970: 1_795_478_400)

  struct Sender: CustomTestStringConvertible, Sendable {
    let name: String
    let entry: Verification
    let request: Request
    var testDescription: String { name }
  }

  static func senders() throws -> [Sender] {
    let (key, now) = (try PrivateKey.generateP256(), Self.now)
    let code = HMACKey(.sha256, key: Array("secret".utf8))
      .code(for: [Array("\(now.secondsSince1970).".utf8), body])
    let claims: JSONObject = ["aud": "a", "jti": "t-1", "exp": .number(now.secondsSince1970 + 180)]
    let token = try JWT.sign(header: [:], claims: claims, key: key, algorithm: .ES256)
    func secret(_ text: String) -> [SourceSecret] { [SourceSecret("env:S", bytes: Array(text.utf8))] }
    let pem = SourceSecret("file:k", bytes: try key.publicKey.pem())
    return [
      Sender(
        name: "standard-webhooks", entry: .standardWebhooks(secrets: secret(Self.secret)),
        request: try SignedRequest.standardWebhooks(body, endpoint: "x", secret: Self.secret, at: now)),
      Sender(
        name: "hmac",
        entry: .hmac(HMACSettings(SignedSettings(header: "s", timestamp: "t"), secrets: secret("secret"))),
        request: request(["s": Hex.encode(code), "t": String(now.secondsSince1970)])),
      Sender(
        name: "jwt", entry: .jwt(JWTSettings(keys: [.init(pem)], audiences: ["a"])),
        request: request(["Authorization": "Bearer \(token)"])),
    ]
  }

  private static func request(_ fields: Fields) -> Request {
    var all: Fields = ["Content-Type": "application/json"]
    for (name, value) in fields { all.append(name, value) }
    return Request(method: .post, path: "/hooks/x", fields: all, body: body)
  }

  /// A process: its queue opened in the folder, what it remembers read from there.
  private struct Running {
    let queue: FileQueue
    let keeper: ProofKeeper
    let intake: Intake
    let source: any Source

    init(_ folder: Folder, _ sender: Sender, at now: Instant) throws {
      var options = QueueOptions()
      options.allowsUnknownFileSystem = true
      options.minimumFree = 0
      options.segmentSize = 1 << 20
      options.reserve = 1 << 16
      queue = try FileQueue.open(folder: folder.path + "/queue", options: options)
      let tokens = TokenMemory(isWritten: true)
      source = try SourceCatalogue.open(
        SourceSettings(name: "x", kind: "json", id: "body.id", verify: .all([sender.entry])), tokens: tokens)
      let readiness = Readiness()
      readiness.become(.ready)
      keeper = ProofKeeper(
        folder: folder.path, sources: ["x": source], tokens: tokens,
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now })
      keeper.restore()
      intake = Intake(sources: ["x": source], queue: queue, readiness: readiness, now: { now })
    }

    func answer(_ request: Request) async -> String {
      let response = await intake.respond(to: request)
      guard case .bytes(let bytes) = response.body, response.status == .accepted else {
        return "\(response.status.rawValue)"
      }
      return "202 " + String(decoding: bytes, as: UTF8.self)
    }

    func end() async {
      keeper.close()
      await queue.close()
    }
  }

  @Test(arguments: try senders())
  func `a replay is answered as a duplicate, after a restart too`(sender: Sender) async throws {
    let folder = try Folder([:])
    let first = try Running(folder, sender, at: Self.now)
    #expect(await first.answer(sender.request) == #"202 {"accepted":1,"duplicates":0}"#)
    #expect(await first.answer(sender.request) == #"202 {"accepted":0,"duplicates":1}"#)
    await first.end()
    let second = try Running(folder, sender, at: Self.now.adding(seconds: 120))
    #expect(await second.answer(sender.request) == #"202 {"accepted":0,"duplicates":1}"#)
    #expect(await second.queue.counts().received == 1 + 2)
    await second.end()
    let late = try Running(folder, sender, at: Self.now.adding(seconds: 301))
    #expect(await late.answer(sender.request) == "401")
    await late.end()
  }

  @Test(arguments: try senders())
  func `the proof of one body is none for another, after a restart too`(sender: Sender) async throws {
    let folder = try Folder([:])
    let other = SignedRequest.replacing(sender.request, body: Array(#"{"id":"2"}"#.utf8))
    let first = try Running(folder, sender, at: Self.now)
    #expect(await first.answer(sender.request) == #"202 {"accepted":1,"duplicates":0}"#)
    #expect(await first.answer(other) == "401")
    await first.end()
    let second = try Running(folder, sender, at: Self.now.adding(seconds: 60))
    #expect(await second.answer(other) == "401")
    #expect(await second.answer(sender.request) == #"202 {"accepted":0,"duplicates":1}"#)
    await second.end()
  }

  @Test func `how keys were used outlives a restart`() async throws {
    let folder = try Folder([:])
    let sender = try #require(try Self.senders().first)
    let first = try Running(folder, sender, at: Self.now)
    _ = await first.answer(sender.request)
    _ = await first.answer(sender.request)
    await first.end()
    let second = try Running(folder, sender, at: Self.now.adding(seconds: 60))
    #expect(second.source.verifier.keys.map(\.count) == [2])
    #expect(second.source.verifier.keys.map(\.lastUsed) == [Self.now])
    _ = await second.answer(sender.request)
    await second.end()
    let known = try KeyUseFile(folder: folder.path).read()
    #expect(
      known == [
        KeyReport(
          endpoint: "x", entry: "standard-webhooks", key: "env:S", count: 3, lastUsed: Self.now.adding(seconds: 60))
      ])
  }
}
