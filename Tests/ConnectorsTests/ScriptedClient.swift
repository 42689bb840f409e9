import Client
import Connectors
import Crypto
import Events
import Formats
import HTTP
import Synchronization

/// A client whose answers a test writes, and which remembers what it was asked.
final class ScriptedClient: HTTPClient {
  typealias Script = @Sendable (OutgoingRequest, Int) -> Result<ClientResponse, ClientError>

  private let script: Script
  private let state = Mutex<[OutgoingRequest]>([])

  /// `script` is asked with the number of the call among those that are no sign-in, from 1.
  init(_ script: @escaping Script) { self.script = script }

  var all: [OutgoingRequest] { state.withLock { $0 } }
  var signIns: [OutgoingRequest] { all.filter { $0.url.hasSuffix("/token") } }
  var requests: [OutgoingRequest] { all.filter { !$0.url.hasSuffix("/token") } }

  func send(_ request: OutgoingRequest) async throws(ClientError) -> ClientResponse {
    let numbers = state.withLock { all -> (signIn: Int, call: Int) in
      all.append(request)
      let signIns = all.count { $0.url.hasSuffix("/token") }
      return (signIns, all.count - signIns)
    }
    if request.url.hasSuffix("/token") {
      return .json(
        "{\"access_token\":\"token-\(numbers.signIn)\",\"expires_in\":\"3600\",\"token_type\":\"Bearer\"}")
    }
    return try script(request, numbers.call).get()
  }
}

extension ClientResponse {
  static func json(_ text: String, status: Int = 200, fields: Fields = [:]) -> ClientResponse {
    ClientResponse(status: status, fields: fields, body: Array(text.utf8))
  }
}

extension OutgoingRequest {
  /// The target without scheme and host, percent-decoded.
  var target: String {
    let rest = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last ?? ""
    return "/" + (PercentCoding.decode(rest) ?? String(rest))
  }
  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSON { (try? JSON.parse(body)) ?? .null }
}

/// Keys are slow to make: one of each for all tests.
enum Keys {
  static let rsa = Result { try PrivateKey.generateRSA(bits: 2_048) }
  static let p256 = Result { try PrivateKey.generateP256() }
}

func salesforce(_ client: ScriptedClient, schema: Schema = .salesforce) throws -> SalesforceConnector {
  SalesforceConnector(
    SalesforceSettings(
      organization: "00D7F00000107XsUAI", url: "https://acme.my.salesforce.com", clientID: "client",
      user: "me@acme.example",
      key: try Keys.rsa.get(), schema: schema), client: client)
}

func netsuite(_ client: ScriptedClient, schema: Schema = .netsuite, concurrency: Int = 4) throws -> NetSuiteConnector {
  NetSuiteConnector(
    NetSuiteSettings(
      account: "1234567_SB1", url: "https://1234567-sb1.suitetalk.api.netsuite.com", clientID: "client",
      certificateID: "certificate", key: try Keys.p256.get(), concurrency: concurrency, schema: schema), client: client)
}

/// What a call failed with.
func failure(_ body: () async throws(Failure) -> Void) async -> Failure? {
  do throws(Failure) {
    try await body()
    return nil
  } catch {
    return error
  }
}
