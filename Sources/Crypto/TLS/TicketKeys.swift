import COpenSSL
import Posix

/// The keys that session tickets are sealed with (RFC 5077 4's recommended form: AES-256-CBC, then HMAC-SHA-256). A new
/// one every twelve hours; the one before still opens tickets for twelve more. So what could be read back by whoever
/// steals a key is a day at most.
final class TicketKeys: Sendable {
  static let turnNanoseconds: Int64 = 12 * 3_600 * 1_000_000_000

  private struct Key: Sendable {
    /// Public: the ticket names its key.
    let name = Random.bytes(16)
    let cipher = Random.bytes(32)
    let code = Random.bytes(32)
    let madeAt: Int64
  }

  private let keys: Lock<[Key]>
  private let clock: @Sendable () -> Int64

  init(clock: @escaping @Sendable () -> Int64) {
    self.clock = clock
    keys = Lock([Key(madeAt: clock())])
  }

  /// Those that may still be used, the current one first.
  private func usable() -> [Key] {
    let now = clock()
    return keys.withLock { keys in
      keys.removeAll { now - $0.madeAt >= 2 * Self.turnNanoseconds }
      if keys.first.map({ now - $0.madeAt >= Self.turnNanoseconds }) ?? true { keys.insert(Key(madeAt: now), at: 0) }
      return keys
    }
  }

  /// What the callback returns: 1 done, -1 failed.
  func seal(
    _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer,
    _ code: OpaquePointer
  ) -> Int32 {
    guard let key = usable().first else { return -1 }
    name.update(from: key.name, count: key.name.count)
    guard RAND_bytes(vector, 16) == 1, EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, vector) == 1,
      Self.use(key, code)
    else { return -1 }
    return 1
  }

  /// What the callback returns: 1 found, 2 found and to be sealed anew, 0 unknown (a full handshake follows), -1 failed.
  func open(
    _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer,
    _ code: OpaquePointer
  ) -> Int32 {
    let keys = usable()
    guard let at = keys.firstIndex(where: { $0.name.elementsEqual(UnsafeBufferPointer(start: name, count: 16)) }) else {
      return 0
    }
    guard Self.use(keys[at], code),
      EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, keys[at].cipher, vector) == 1
    else { return -1 }
    return at == 0 ? 1 : 2
  }

  private static func use(_ key: Key, _ code: OpaquePointer) -> Bool {
    var secret = key.code
    return causeway_hmac_sha256(code, &secret, secret.count) == 1
  }
}
