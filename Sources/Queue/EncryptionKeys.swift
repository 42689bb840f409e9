import Crypto
import Posix

/// The key files of a queue's folder, and the keys that they are encrypted with.
final class EncryptionKeys: Sendable {
  private let disk: any Disk
  private let folder: String
  private let keys: Lock<QueueEncryption>

  init(_ disk: any Disk, _ folder: String, _ keys: QueueEncryption) {
    self.disk = disk
    self.folder = folder
    self.keys = Lock(keys)
  }

  /// Whether new segments are encrypted: the same for as long as the folder is open.
  var encrypts: Bool { current != nil }

  /// New data keys are encrypted under it.
  var current: KeyEncryptionKey? { keys.withLock { $0.current } }

  /// Nil where it is damaged, or encrypted under a key that is not there.
  func dataKey(_ file: EncryptionKeyFile) -> [UInt8]? {
    guard let key = keys.withLock({ $0.key(file.wrapper) }) else { return nil }
    return try? file.dataKey(key)
  }

  /// What there is to open a segment's records with.
  enum Found {
    case plain
    case key([UInt8])
    /// The file is missing, or not what was written.
    case lost
    /// It is encrypted under a key that is not there.
    case locked(KeyEncryptionKey.ID)
    case newer(UInt32)
  }

  /// Makes the cipher of a new segment, its key durable; nil where new segments are not encrypted. A key is made for one
  /// opening of the folder and one segment: see `Format.swift` for why nothing is ever sealed twice with a nonce.
  func create(firstSequence: UInt64, salt: UInt64) throws(DiskError) -> RecordCipher? {
    guard let current else { return nil }
    let dataKey = Random.bytes(AESGCM.keyLength)
    try write(dataKey, firstSequence, salt, under: current)
    return try cipher(dataKey, salt)
  }

  /// The segment's head, where it can be read, says whether its records are encrypted.
  func find(_ head: SegmentHead?, firstSequence: UInt64, salt: UInt64) throws(DiskError) -> Found {
    if let head, !head.isEncrypted { return .plain }
    do throws(DiskError) {
      let bytes = try disk.contents(folder + "/" + Format.keyName(firstSequence), limit: 4096)
      return look(EncryptionKeyFile(bytes), firstSequence, salt)
    } catch {
      guard error.isMissing else { throw error }
      return head == nil ? .plain : .lost
    }
  }

  private func look(_ file: EncryptionKeyFile?, _ firstSequence: UInt64, _ salt: UInt64) -> Found {
    guard let file else { return .lost }
    guard file.version == EncryptionKeyFile.version else { return .newer(file.version) }
    guard file.firstSequence == firstSequence, file.salt == salt else { return .lost }
    guard let key = keys.withLock({ $0.key(file.wrapper) }) else { return .locked(file.wrapper) }
    guard let dataKey = try? file.dataKey(key) else { return .lost }
    return .key(dataKey)
  }

  func cipher(_ found: Found, salt: UInt64) throws(DiskError) -> SegmentCipher {
    switch found {
    case .plain: .plain
    case .key(let dataKey): .key(try cipher(dataKey, salt))
    case .lost, .locked, .newer: .lost
    }
  }

  private func cipher(_ dataKey: [UInt8], _ salt: UInt64) throws(DiskError) -> RecordCipher {
    do throws(CryptoError) {
      return try RecordCipher(dataKey, salt: salt)
    } catch {
      throw DiskError("\(error): a cipher for", folder, .invalid)
    }
  }

  private func write(
    _ dataKey: [UInt8], _ firstSequence: UInt64, _ salt: UInt64, under key: KeyEncryptionKey
  ) throws(DiskError) {
    let name = Format.keyName(firstSequence)
    let file: EncryptionKeyFile
    do throws(CryptoError) {
      file = try EncryptionKeyFile(dataKey, firstSequence: firstSequence, salt: salt, under: key)
    } catch {
      throw DiskError("\(error): encrypting a key for", folder + "/" + name, .invalid)
    }
    try disk.replace(folder, name, with: file.bytes)
  }

  // MARK: rotation

  /// From here on new segments are encrypted under this key. For the thread that begins segments: once it is told, no
  /// file under another key comes any more.
  func begin(_ key: KeyEncryptionKey) {
    keys.withLock { keys in
      if let current = keys.current, current.id != key.id { keys.older.append(current) }
      keys.current = key
    }
  }

  /// The segments that have a key file.
  func all() throws(RotationError) -> [UInt64] {
    do throws(DiskError) {
      return try disk.list(folder).compactMap { Format.firstSequence($0, ending: ".key") }.sorted()
    } catch {
      throw RotationError("\(error)")
    }
  }

  /// Encrypts a segment's key under the current one; false where it is already.
  func rewrap(_ firstSequence: UInt64) throws(RotationError) -> Bool {
    guard let current else { return false }
    let name = Format.keyName(firstSequence)
    do {
      guard let file = EncryptionKeyFile(try disk.contents(folder + "/" + name, limit: 4096)) else {
        throw RotationError("\(name) is damaged")
      }
      if file.wrapper == current.id { return false }
      guard let key = keys.withLock({ $0.key(file.wrapper) }) else {
        throw RotationError("\(name) is encrypted under key \(file.wrapper), which is not there")
      }
      guard let dataKey = try? file.dataKey(key) else { throw RotationError("\(name) is damaged") }
      try write(dataKey, file.firstSequence, file.salt, under: current)
      return true
    } catch let error as RotationError {
      throw error
    } catch let error as DiskError {
      // Its segment was deleted meanwhile.
      if error.isMissing { return false }
      throw RotationError("\(name): \(error)")
    } catch {
      throw RotationError("\(name): \(error)")
    }
  }
}

/// Why a key file stays under an older key.
struct RotationError: Error, Sendable {
  let text: String
  init(_ text: String) { self.text = text }
}

extension Disk {
  func contents(_ path: String, limit: Int) throws(DiskError) -> [UInt8] {
    let file = try open(path, .read)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    let result: Result<Int, DiskError> = bytes.withUnsafeMutableBytes { all in
      do throws(DiskError) { return .success(try read(file, at: 0, into: all)) } catch { return .failure(error) }
    }
    bytes.removeLast(limit - (try result.get()))
    return bytes
  }

  /// Puts a file in place that is whole at any moment: the old one or the new one. Durable when it returns.
  func replace(_ folder: String, _ name: String, with bytes: [UInt8]) throws(DiskError) {
    let part = folder + "/" + name + ".part"
    let file = try open(part, .replace)
    do throws(DiskError) {
      defer { close(file) }
      try write(bytes, to: file, at: 0)
      try syncAll(file)
      try rename(part, to: folder + "/" + name)
      try syncFolder(folder)
    } catch {
      if error.isFull { try unlink(part) }
      throw error
    }
  }
}
