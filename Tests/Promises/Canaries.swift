import Crypto
import Foundation

/// Words that have to stay inside, and where they are found nevertheless.
struct Canaries {
  /// Each with what it is, in every form in which it might be said.
  private var secrets: [(name: String, forms: [Data])] = []
  private var personal: [(name: String, forms: [Data])] = []
  /// What a reason may quote where a person is to act on it: in listings, and nowhere else.
  private var quoted: [(name: String, forms: [Data])] = []

  /// Where something was found.
  enum Place {
    /// What goes to others: logs, metrics, answers, errors.
    case said
    /// What a person asks for who runs the service: an event with why it is held.
    case listed
    /// What holds payloads because that is its purpose: the queue's log, the ledger.
    case kept
  }

  mutating func add(secret name: String, _ bytes: [UInt8]) {
    let text = Base64.encode(bytes).prefix { $0 != "=" }
    let url = Base64URL.encode(bytes)
    let hex = Hex.encode(bytes)
    secrets.append((name, [Data(bytes)] + [String(text), url, hex, hex.uppercased()].map { Data($0.utf8) }))
  }

  mutating func add(secret name: String, _ text: String) { add(secret: name, Array(text.utf8)) }

  /// Each line of a private key's PEM, but those that every key has.
  mutating func add(key name: String, _ pem: [UInt8]) {
    for line in String(decoding: pem, as: UTF8.self).split(separator: "\n")
    where line.count >= 32 && !line.hasPrefix("-") { add(secret: name, String(line)) }
  }

  mutating func add(personal name: String, _ text: String) { personal.append((name, [Data(text.utf8)])) }

  mutating func add(quoted name: String, _ text: String) { quoted.append((name, [Data(text.utf8)])) }

  func found(in bytes: Data, _ place: Place) -> [String] {
    let sought =
      switch place {
      case .said: secrets + personal + quoted
      case .listed: secrets + personal
      case .kept: secrets
      }
    let found = sought.compactMap { canary in
      canary.forms.lazy.compactMap { bytes.range(of: $0) }.first.map {
        "\(canary.name) behind: \(Self.before($0, bytes))"
      }
    }
    return Set(found).sorted()
  }

  /// What stands before, so that one sees who said it.
  private static func before(_ range: Range<Data.Index>, _ bytes: Data) -> String {
    String(decoding: bytes[max(bytes.startIndex, range.lowerBound - 120)..<range.lowerBound], as: UTF8.self)
  }
}
