import Crypto
import Foundation

/// The job that both peers do, whatever serves their HTTP: prove the sender, read, store, answer.
public struct Receiver: Sendable {
  public enum Answer: Sendable {
    case taken
    case unproven
    case malformed
  }

  /// What Salesforce wants to read.
  public static let acknowledgement = """
    <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
    <soapenv:Body>
    <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">
    <Ack>true</Ack>
    </notificationsResponse>
    </soapenv:Body>
    </soapenv:Envelope>

    """

  private let store: Store
  private let token: SHA256Digest
  private let key: SymmetricKey
  private let organization: String

  public init(folder: String, secret: String, organization: String) throws {
    store = try Store(folder: folder)
    token = SHA256.hash(data: Data(secret.utf8))
    key = SymmetricKey(data: Data(secret.utf8))
    self.organization = organization
  }

  public func count() async throws -> Int { try await store.count() }

  /// An outbound message of Salesforce, with the endpoint's token in its path.
  public func outboundMessage(_ body: Data, token given: String) async throws -> Answer {
    guard SHA256.hash(data: Data(given.utf8)) == token else { return .unproven }
    guard let message = OutboundMessage(body), message.organization == organization else { return .malformed }
    let encoder = JSONEncoder()
    let events = try message.notifications.map {
      StoredEvent(id: $0.id, key: $0.fields["Id"] ?? $0.id, body: try encoder.encode($0))
    }
    try await store.add(events)
    return .taken
  }

  /// An event as JSON, its body signed: hexadecimal HMAC-SHA256.
  public func signed(_ body: Data, signature: String?) async throws -> Answer {
    guard let signature, let code = Self.bytes(hexadecimal: signature),
      HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: key)
    else { return .unproven }
    guard let event = try? JSONDecoder().decode(Event.self, from: body) else { return .malformed }
    try await store.add([StoredEvent(id: event.id, key: event.id, body: body)])
    return .taken
  }

  private struct Event: Decodable {
    let id: String
  }

  private static func bytes(hexadecimal text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    var high: UInt8?
    for character in text.utf8 {
      let value: UInt8
      switch character {
      case 0x30...0x39: value = character - 0x30
      case 0x61...0x66: value = character - 0x61 + 10
      default: return nil
      }
      if let upper = high {
        bytes.append(upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? bytes : nil
  }
}

/// What the environment tells a peer.
public struct PeerSettings {
  public let port: Int
  public let folder: String
  public let secret: String
  public let organization = "00D7F00000107XsUAI"

  public init() {
    let environment = ProcessInfo.processInfo.environment
    port = Int(environment["PEER_PORT"] ?? "") ?? 0
    folder = environment["PEER_DIR"] ?? "."
    secret = environment["BENCH_TOKEN"] ?? ""
  }
}
