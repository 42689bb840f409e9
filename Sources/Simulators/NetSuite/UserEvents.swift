import Crypto
import Formats
import Posix

/// Where our SuiteScript posts what was saved, and for which record types it is deployed.
public struct UserEventScript: Sendable, Hashable {
  public var url: String
  /// `whsec_…`
  public var secret: String
  /// As the record API spells them.
  public var recordTypes: Set<String>

  public init(url: String, secret: String, recordTypes: Set<String>) {
    self.url = url
    self.secret = secret
    self.recordTypes = recordTypes
  }
}

/// The callback of one saved change: the body of the contract for a `netsuite` endpoint.
struct UserEvent: Sendable {
  let account: String
  let change: Books.Change
  /// `RESTWEBSERVICES`, `USERINTERFACE`.
  let context: String
  let at: Instant
  let fields: [String: Cell]

  var body: [UInt8] {
    var shown: JSONObject = [:]
    for name in change.changed {
      switch fields[name] {
      case .text(let text)?: shown[name.lowercased()] = .string(text)
      case .bool(let value)?: shown[name.lowercased()] = .bool(value)
      case .number(let number)?: shown[name.lowercased()] = .number(number.normalized)
      case .date(let date)?: shown[name.lowercased()] = .string(date.description)
      case .instant(let instant)?: shown[name.lowercased()] = .string(instant.description)
      case .null?: shown[name.lowercased()] = .null
      // A sublist: its name stands in `changed` only.
      case nil: continue
      }
    }
    let body: JSON = [
      "account": .string(account),
      "record": ["type": .string(change.type.lowercased()), "id": .string(String(change.id))],
      "event": .string(change.kind.rawValue), "context": .string(context),
      "at": .string(Instant(secondsSince1970: at.secondsSince1970).description),
      "changed": .array(change.changed.map { .string($0.lowercased()) }), "fields": .object(shown),
    ]
    return body.bytes
  }
}
