import Crypto

/// Encrypts what stands in a checkpoint in words, with a key of its own, where the queue is encrypted. What it holds
/// beside words are numbers and keyed hashes.
struct CheckpointCipher: Sendable {
  /// The content of the section `key`.
  let file: EncryptionKeyFile
  private let dataKey: [UInt8]

  /// Nil where the queue is not encrypted.
  init?(_ keys: EncryptionKeys, nextSequence: UInt64) throws(CryptoError) {
    guard let current = keys.current else { return nil }
    dataKey = Random.bytes(AESGCM.keyLength)
    file = try EncryptionKeyFile(
      dataKey, firstSequence: nextSequence, salt: .random(in: 1...UInt64.max), under: current)
  }

  /// Nil where the key is damaged, another checkpoint's, or under a key that is not there.
  init?(_ content: [UInt8], _ keys: EncryptionKeys, nextSequence: UInt64) {
    guard let file = EncryptionKeyFile(content), file.version == EncryptionKeyFile.version,
      file.firstSequence == nextSequence, let dataKey = keys.dataKey(file)
    else { return nil }
    self.file = file
    self.dataKey = dataKey
  }

  /// Once for a section of a kind: its number is the nonce.
  func seal(_ kind: CheckpointSection, _ content: [UInt8]) throws(CryptoError) -> [UInt8] {
    try AESGCM.seal(content, key: dataKey, nonce: Self.nonce(kind))
  }

  func open(_ kind: CheckpointSection, _ content: [UInt8]) -> [UInt8]? {
    try? AESGCM.open(content, key: dataKey, nonce: Self.nonce(kind))
  }

  private static func nonce(_ kind: CheckpointSection) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(kind.rawValue)
    bytes.putZeros(AESGCM.nonceLength - bytes.count)
    return bytes
  }
}
