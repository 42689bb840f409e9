import Client
import Connectors
import Crypto
import Events

/// Makes the connections that the configuration names, with their keys.
struct Opening {
  private let loaded: Loaded
  private let environment: [String: String]

  init(_ loaded: Loaded, _ environment: [String: String]) {
    self.loaded = loaded
    self.environment = environment
  }

  func connections() throws(StartError) -> (connectors: [String: any Connector], client: CurlClient) {
    var urls: [String: String] = [:]
    for connection in loaded.settings.connections { urls[connection.name] = try url(connection) }
    // A configuration that names this machine means it; every other may only lead to the public internet.
    let policy: AddressPolicy = urls.values.contains(where: Self.isLoopback) ? .publicAndLoopback : .publicOnly
    let client: CurlClient
    do throws(ClientError) {
      client = try CurlClient(policy: policy)
    } catch {
      throw StartError("outgoing HTTP cannot start: \(error)")
    }
    var connectors: [String: any Connector] = [:]
    for connection in loaded.settings.connections {
      connectors[connection.name] = try connector(connection, urls[connection.name] ?? "", client)
    }
    return (connectors, client)
  }

  private func connector(
    _ connection: Settings.Connection, _ url: String, _ client: CurlClient
  ) throws(StartError) -> any Connector {
    let key = try key(connection)
    let schema = loaded.blueprint.schemas[connection.name]
    switch connection.kind {
    case .salesforce(let organization, let clientID, let user):
      let settings = SalesforceSettings(
        organization: organization, url: url, clientID: try text(clientID, connection),
        user: try text(user, connection),
        key: key, schema: schema ?? .salesforce)
      return SalesforceConnector(settings, client: client)
    case .netsuite(let account, let clientID, let certificate, let concurrency):
      let settings = NetSuiteSettings(
        account: account, url: url, clientID: try text(clientID, connection),
        certificateID: try text(certificate, connection), key: key, concurrency: concurrency,
        schema: schema ?? .netsuite)
      return NetSuiteConnector(settings, client: client)
    }
  }

  private func key(_ connection: Settings.Connection) throws(StartError) -> PrivateKey {
    let pem: [UInt8]
    do throws(Secret.Missing) {
      pem = try connection.key.read(folder: loaded.settings.folder, environment: environment)
    } catch {
      throw StartError("\(connection.place.text): connection `\(connection.name)`: key: \(error)")
    }
    do throws(CryptoError) {
      return try PrivateKey(pem: pem)
    } catch {
      throw StartError(
        "\(connection.place.text): connection `\(connection.name)`: \(connection.key) holds no private key")
    }
  }

  private func url(_ connection: Settings.Connection) throws(StartError) -> String {
    let url = try text(connection.url, connection)
    guard url.hasPrefix("https://") || Self.isLoopback(url) else {
      throw StartError(
        "\(connection.place.text): connection `\(connection.name)`: url: https is needed, but for a loopback address")
    }
    return url
  }

  private func text(_ text: Settings.Text, _ connection: Settings.Connection) throws(StartError) -> String {
    do throws(Secret.Missing) {
      return try text.value(environment)
    } catch {
      throw StartError("\(connection.place.text): connection `\(connection.name)`: \(error)")
    }
  }

  private static func isLoopback(_ url: String) -> Bool {
    ["http://127.0.0.1:", "http://[::1]:", "https://127.0.0.1:", "https://[::1]:"].contains { url.hasPrefix($0) }
  }
}
