import Crypto
import Flows
import Queue

/// Where the keys are that the queue is encrypted with on disk, as `encryption:` says it.
public struct EncryptionFiles: Sendable, Hashable {
  /// nil: what is new is not encrypted.
  public var key: Secret?
  /// For what was written under them.
  public var older: [Secret] = []
  /// For what only shows when it starts.
  public var place: ConfigNode.Place

  public struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Reads the keys.
  public func read(_ folder: String, _ environment: [String: String]) throws(Unusable) -> QueueEncryption {
    var encryption = QueueEncryption()
    if let key { encryption.current = try read("key", key, folder, environment) }
    for key in older { encryption.older.append(try read("keys", key, folder, environment)) }
    return encryption
  }

  private func read(
    _ name: String, _ secret: Secret, _ folder: String, _ environment: [String: String]
  ) throws(Unusable) -> KeyEncryptionKey {
    let bytes: [UInt8]
    do throws(Secret.Missing) {
      bytes = try secret.contents(folder: folder, environment: environment, limit: 4096)
    } catch {
      throw Unusable(description: "\(place.text): encryption: \(name): \(error)")
    }
    if let key = Self.key(bytes) { return key }
    throw Unusable(
      description: "\(place.text): encryption: \(name): \(secret) holds no key: 32 bytes are expected, as they are, in "
        + "base64 (44 characters) or in hexadecimal (64)")
  }

  /// 32 bytes as they are, else text, whose line may end.
  static func key(_ bytes: [UInt8]) -> KeyEncryptionKey? {
    if let key = KeyEncryptionKey(bytes: bytes) { return key }
    let text = String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    guard let decoded = text.utf8.count == 64 ? Hex.decode(text) : Base64.decode(text) else { return nil }
    return KeyEncryptionKey(bytes: decoded)
  }
}

extension Settings {
  /// The keys that the queue is opened with.
  public func queueEncryption(_ environment: [String: String]) throws(EncryptionFiles.Unusable) -> QueueEncryption {
    guard let encryption else { return QueueEncryption() }
    return try encryption.read(folder, environment)
  }
}
