import Crypto

/// What a queue's records are encrypted with on disk: keys that encrypt the keys of its segments.
public struct QueueEncryption: Sendable {
  /// New segments are encrypted under it; nil: they are not encrypted.
  public var current: KeyEncryptionKey?
  /// For segments that were written under another key than the current one.
  public var older: [KeyEncryptionKey]

  public init(current: KeyEncryptionKey? = nil, older: [KeyEncryptionKey] = []) {
    self.current = current
    self.older = older
  }

  func key(_ id: KeyEncryptionKey.ID) -> KeyEncryptionKey? {
    current?.id == id ? current : older.first { $0.id == id }
  }
}

/// 256 random bits, and a name that tells nothing about them.
public struct KeyEncryptionKey: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  /// The first 8 bytes of SHA-256 over a label and the key; shown as 16 hexadecimal digits.
  public struct ID: Hashable, Sendable, CustomStringConvertible {
    let number: UInt64

    public var description: String {
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  public let id: ID
  let bytes: [UInt8]

  /// Nil where they are not 32.
  public init?(bytes: [UInt8]) {
    guard bytes.count == AESGCM.keyLength else { return nil }
    self.bytes = bytes
    let hash = Digest.sha256.hash(Array("causeway queue key\u{0}".utf8) + bytes)
    id = ID(number: hash[..<8].reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Never the key.
  public var description: String { "key \(id)" }
  public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
