import Crypto

/// A segment's data key on disk, encrypted; see `Format.swift`. A value: what is in the file.
struct EncryptionKeyFile: Equatable {
  static let magic: UInt64 = 0x5945_4B47_4F4C_5743  // "CWLOGKEY"
  static let version: UInt32 = 1
  static let size = 104
  private static let sealedSize = AESGCM.keyLength + AESGCM.tagLength

  var version = Self.version
  /// Of the key that the data key is encrypted with.
  let wrapper: KeyEncryptionKey.ID
  let firstSequence: UInt64
  let salt: UInt64
  private let nonce: [UInt8]
  private let wrapped: [UInt8]

  /// The nonce is random: a key may encrypt four thousand million keys before two nonces are likely to meet.
  init(_ dataKey: [UInt8], firstSequence: UInt64, salt: UInt64, under key: KeyEncryptionKey) throws(CryptoError) {
    wrapper = key.id
    self.firstSequence = firstSequence
    self.salt = salt
    nonce = Random.bytes(AESGCM.nonceLength)
    let head = Self.head(version, wrapper, firstSequence, salt)
    wrapped = try AESGCM.seal(dataKey, key: key.bytes, nonce: nonce, additional: head)
  }

  func dataKey(_ key: KeyEncryptionKey) throws(CryptoError) -> [UInt8] {
    let head = Self.head(version, wrapper, firstSequence, salt)
    return try AESGCM.open(wrapped, key: key.bytes, nonce: nonce, additional: head)
  }

  var bytes: [UInt8] {
    var bytes = Self.head(version, wrapper, firstSequence, salt) + nonce + wrapped
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  /// Nil where magic, length or checksum is wrong.
  init?(_ bytes: [UInt8]) {
    let isWhole = bytes.withUnsafeBytes {
      $0.count == Self.size && $0.get(0, UInt64.self) == Self.magic
        && $0.get(Self.size - 4, UInt32.self) == crc32c($0.part(0, Self.size - 4))
    }
    guard isWhole else { return nil }
    (version, wrapper, firstSequence, salt) = bytes.withUnsafeBytes {
      (
        $0.get(8, UInt32.self), KeyEncryptionKey.ID(number: $0.get(16, UInt64.self)), $0.get(24, UInt64.self),
        $0.get(32, UInt64.self)
      )
    }
    nonce = Array(bytes[40..<52])
    wrapped = Array(bytes[52..<52 + Self.sealedSize])
  }

  /// What the tag covers beside the data key: a key file of another segment is none of this one.
  private static func head(
    _ version: UInt32, _ wrapper: KeyEncryptionKey.ID, _ firstSequence: UInt64, _ salt: UInt64
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(magic)
    bytes.put(version)
    bytes.put(UInt32(0))
    bytes.put(wrapper.number)
    bytes.put(firstSequence)
    bytes.put(salt)
    return bytes
  }
}
