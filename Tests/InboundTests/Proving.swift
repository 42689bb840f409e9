import Crypto
import Formats
import HTTP
import Inbound
import Net
import Support
import Web

/// An endpoint that takes what these entries prove, and what it says of requests.
struct Proving {
  static let body = Array(#"{"test": 2432232314}"#.utf8)

  let source: any Source

  init(_ entries: Verification..., tokens: TokenMemory = TokenMemory(), name: String = "endpoint") throws {
    var settings = Messages.settings("json", id: "body-hash", verify: .all(entries))
    settings.name = name
    source = try SourceCatalogue.open(settings, tokens: tokens)
  }

  /// The keys that held, or status and code.
  func verdict(_ request: Request, at now: Instant = Messages.now) -> String {
    do throws(Rejection) {
      return try source.verify(request, at: now).matched.map(\.description).joined(separator: ",")
    } catch {
      return "\(error.status.rawValue) \(error.code)"
    }
  }

  func verdict(_ fields: Fields, _ body: [UInt8] = body, at now: Instant = Messages.now) -> String {
    verdict(Self.request(fields, body), at: now)
  }

  static func request(_ fields: Fields, _ body: [UInt8] = body, from address: SocketAddress = .loopback()) -> Request {
    Request(method: .post, path: "/hooks/endpoint", fields: fields, body: body, peer: Peer(address: address))
  }

  static func secret(_ name: String, _ text: String) -> SourceSecret { SourceSecret(name, bytes: Array(text.utf8)) }

  static func hmac(
    _ signed: SignedSettings, _ algorithm: Digest = .sha256, _ secrets: [String] = ["secret"]
  ) -> Verification {
    .hmac(HMACSettings(signed, algorithm: algorithm, secrets: secrets.map { secret($0, $0) }))
  }

  static func code(_ text: String, _ body: [UInt8] = body, key: String = "secret", _ digest: Digest = .sha256)
    -> [UInt8]
  {
    HMACKey(digest, key: Array(key.utf8)).code(for: [Array(text.utf8), body])
  }

  /// What is said of an entry without reading its keys; doubts end with a question mark.
  static func problems(_ entries: Verification...) -> [String] {
    SourceCatalogue.problems(with: Messages.settings("json", id: "body.id", verify: .all(entries))).map {
      $0.path.joined(separator: ".") + ($0.isWarning ? "?" : "")
    }
  }
}
