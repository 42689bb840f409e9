import Crypto

/// Seals and opens the records of one segment with its data key. Belongs to one thread.
final class RecordCipher {
  private let context: AESGCMContext
  /// A nonce, and what the tag covers beside the payload.
  private let words = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 8)
  private var opened = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
  /// Memory for a payload longer than this is given back with the next that is shorter.
  private static let kept = 1 << 20

  init(_ dataKey: [UInt8], salt: UInt64) throws(CryptoError) {
    context = try AESGCMContext(key: dataKey)
    words.initializeMemory(as: UInt8.self, repeating: 0)
    words.set(32, salt)
  }

  deinit {
    words.deallocate()
    opened.deallocate()
  }

  /// Encrypts the payload in place; its last 16 bytes become the tag. The record's head has to be as it stays.
  func seal(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int, length: Int) {
    prepare(UnsafeRawBufferPointer(bytes), at: offset)
    let start = offset + Format.recordHeadSize
    let payload = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + length])
    // Nothing may reach the disk as it is.
    precondition(context.seal(payload, nonce: nonce, additional: covered), "a record cannot be encrypted")
  }

  /// The payload, until the next one is opened; nil where anything of it or of its head was changed, or it is another
  /// segment's.
  func open(_ frame: RecordFrame, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let sealed = frame.payload(bytes)
    let count = sealed.count - AESGCM.tagLength
    guard count >= 0 else { return nil }
    prepare(bytes, at: frame.offset)
    if count > opened.count || (opened.count > Self.kept && count <= Self.kept) {
      opened.deallocate()
      opened = UnsafeMutableRawBufferPointer.allocate(byteCount: max(4096, count), alignment: 8)
    }
    let text = UnsafeMutableRawBufferPointer(rebasing: opened[..<count])
    let isAuthentic = context.open(sealed, into: text, nonce: nonce, additional: covered)
    return isAuthentic ? UnsafeRawBufferPointer(text) : nil
  }

  private func prepare(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    words.set(0, bytes.get(offset + 8, UInt64.self))
    UnsafeMutableRawBufferPointer(rebasing: words[12..<32]).copyMemory(from: bytes.part(offset, 20))
  }

  private var nonce: UnsafeRawBufferPointer { UnsafeRawBufferPointer(words).part(0, AESGCM.nonceLength) }
  private var covered: UnsafeRawBufferPointer { UnsafeRawBufferPointer(words).part(12, 28) }
}

/// What the records of one segment are opened with. Belongs to one thread.
enum SegmentCipher {
  case plain
  case key(RecordCipher)
  /// They were encrypted, and the key is lost.
  case lost

  var isEncrypted: Bool { if case .plain = self { false } else { true } }

  /// The record's payload as it was put, until the next one is opened. Nil where the key is lost, or it is not what was
  /// written: among encrypted records one that is not is nobody's either.
  func open(_ frame: RecordFrame, in bytes: UnsafeRawBufferPointer) -> RecordPayload? {
    switch self {
    case .plain where !frame.isEncrypted: RecordPayload(frame.payload(bytes), isCompressed: frame.isCompressed)
    case .key(let cipher) where frame.isEncrypted:
      cipher.open(frame, in: bytes).map { RecordPayload($0, isCompressed: frame.isCompressed) }
    default: nil
    }
  }
}

/// What a record says, in the form of its type.
struct RecordPayload {
  let bytes: UnsafeRawBufferPointer
  /// An event's: its body is packed.
  let isCompressed: Bool

  init(_ bytes: UnsafeRawBufferPointer, isCompressed: Bool = false) {
    self.bytes = bytes
    self.isCompressed = isCompressed
  }
}
