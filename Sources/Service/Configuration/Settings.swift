import Events
import Flows
import Formats
import HTTP
import Inbound
import Net
import Queue

/// `causeway.yaml`, read and checked, secrets still unread.
public struct Settings: Sendable {
  /// The configuration folder.
  public var folder: String
  /// The data folder, relative to the configuration folder where it is not absolute.
  public var data: String
  /// At least one.
  public var publicListeners: [PublicListener]
  public var consoleListener: SocketAddress
  /// Who may speak for others: PROXY protocol, `Forwarded`, `X-Forwarded-For`, `Client-Cert`.
  public var proxies: AddressRanges
  /// Of the public listeners.
  public var limits: HTTPLimits
  public var drain: Drain
  public var queue: QueueRoom
  /// How long the queue keeps what is settled.
  public var retention: Retention
  /// nil: the public listener is plain.
  public var tls: TLSFiles?
  /// nil: the queue is not encrypted on disk.
  public var encryption: EncryptionFiles?
  public var connections: [Connection]
  public var endpoints: [Endpoint]
  /// `values:`: names that mean different records in different environments.
  public var values: [String: String]

  /// One system that flows read and write.
  public struct Connection: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      case salesforce(organization: String, client: Text, user: Text)
      case netsuite(account: String, client: Text, certificate: Text, concurrency: Int)
    }
    public var name: String
    public var kind: Kind
    /// Salesforce: where the token comes from. NetSuite: the account's SuiteTalk host.
    public var url: Text
    public var key: Secret
    /// For what only shows when it starts.
    public var place: ConfigNode.Place

    public var system: System {
      switch kind {
      case .salesforce(let organization, _, _): System(.salesforce, organization)
      case .netsuite(let account, _, _, _): System(.netsuite, account)
      }
    }
  }

  /// One `/hooks/{endpoint}`.
  public struct Endpoint: Sendable {
    public var name: String
    /// What `Inbound` needs to know; secrets are looked for in the environment that is given, when they are read.
    public var source: @Sendable (_ environment: [String: String]) -> SourceSettings
    public var place: ConfigNode.Place
    /// Its settings as they stand in the file.
    public var node: ConfigNode

    /// The place of what a problem is about, or of what it would stand in.
    func place(of problem: SettingsProblem) -> ConfigNode.Place {
      var (place, node) = (place, node)
      for step in problem.path {
        if let pair = node.pairs.first(where: { $0.key == step }) {
          (place, node) = (pair.keyPlace, pair.value)
        } else if case .list(let items) = node.content, let index = Digits.int(step), index < items.count {
          node = items[Int(index)]
          place = node.place
        } else {
          break
        }
      }
      return place
    }
  }

  /// A word of the configuration that is no secret but may differ from place to place: as it stands, or `env:NAME`.
  public enum Text: Sendable, Hashable {
    case literal(String)
    case variable(String)

    public init(_ text: String) {
      self = text.hasPrefix("env:") ? .variable(String(text.dropFirst(4))) : .literal(text)
    }

    public func value(_ environment: [String: String]) throws(Secret.Missing) -> String {
      switch self {
      case .literal(let text): return text
      case .variable(let name):
        guard let value = environment[name], !value.isEmpty else {
          throw Secret.Missing(description: "the environment variable \(name) is not set")
        }
        return value
      }
    }
  }
}
