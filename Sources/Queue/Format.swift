import CLinux

// The log's format, version 1. All numbers are little endian; every part begins at a multiple of 8 bytes.
//
// A log is a folder of segments. A segment's file is named by the first sequence it may hold, 20 digits, and `.log`. The
// last one is as long as it was allocated: what follows its last batch is zero. The others are sealed: their last batch
// is a seal, and nothing follows it. `queue.lock` is locked for as long as the folder is open.
//
//   segment      = segment head, batch*, (seal | zero*)
//   segment head = magic u64 · version u32 · flags u32 (1: its records are encrypted) · first sequence u64 · number of
//                  its first batch u64 · salt u64 · checksum of the head of the batch before it u32 · 0 u32 · identity key
//                  16 bytes · 28 zero bytes · checksum of bytes 0–91 u32
//   batch        = batch head, body
//   batch head   = magic u32 · kind u8 (1 records, 2 idle mark, 3 closing mark, 4 seal) · 0 u8 · 0 u16 · batch number
//                  u64 · first sequence u64 · the segment's salt u64 · "everything in this segment before offset N is
//                  synced" u64 · wall time in milliseconds, never less than in the batch before i64 · checksum of the
//                  head of the batch before u32 · number of records u32 · body length u32 · body checksum u32 · 0 u32 ·
//                  checksum of bytes 0–67 u32
//   body         = the body's salt, 8 random bytes, record*; a mark's is empty; a seal's is below
//   record       = payload length u32 · type u8 · flags u8 (1 compressed, 2 encrypted) · 0 u16 · sequence u64 · group
//                  u32 · checksum of bytes 0–19 and the payload as it stands here, begun with both halves of the salt
//                  xored, u32 · payload · zeros to a multiple of 8
//   seal's body  = number of records u64 · first and last sequence u64 u64 (the last is one less than the first where
//                  there is none) · first and last time i64 i64 · SHA-256 of all batch heads before the seal, 32 bytes
//
// Checksums are CRC-32C (Castagnoli). Each record has a sequence, one more than the record before; an event is known by
// that of its record. A group is what one call wrote: it never spans batches. A mark has no records.
//
// The identity key is random, made once a log and the same in all of its segments: identities and lanes are hashed with
// it, so that a hash means the same after a restart, and no sender can aim at another's.
//
// A batch is valid if and only if (1) its magic is right, (2) its head's checksum is right, (3) its salt is the
// segment's, (4) its body ends within the file, (5) its body's checksum is right. It belongs at its place if (6) its
// number is one more than the number of the batch before and (7) it holds the checksum of that batch's head.
//
// One batch is written at a time, where the one before ends, and synced before the next is written. So damage that
// begins at or after the highest N of the last segment's heads, with nothing valid behind it, is a write that a crash cut
// short: nobody was told of it, the batch is dropped whole. All other damage is corruption: what can be read of it is
// delivered, the sequences that cannot are named. Why a torn batch is dropped whole: sectors reach the disk in any order,
// so a valid record behind an invalid one means nothing.
//
// Compressed is the body of an event's payload, with deflate (RFC 1951); its length and its checksum, which stand before
// it, are those of what was sent.
//
// Encrypted is a whole payload, after it was compressed: AES-256-GCM, the tag in its last 16 bytes. The tag also covers
// bytes 0–19 of the record's head and the segment's salt, so a record that was changed, moved, or brought from another
// segment does not open. All records of an encrypted segment are encrypted, whatever their type. The heads of segments,
// batches and records are not, and checksums are over what stands on disk: what is torn and what is damaged is told
// without a key. The segment's data key stands beside it, in a file of the segment's digits and `.key`, encrypted under a
// key that the caller holds; it is durable before the segment is. Rotation replaces such files, and nothing else.
//
//   key file     = magic u64 · version u32 · 0 u32 · id of the caller's key u64 · the segment's first sequence u64 · its
//                  salt u64 · nonce 12 bytes · the data key, encrypted, 32 bytes · tag over it and bytes 0–39, 16 bytes ·
//                  checksum of bytes 0–99 u32
//
// A record's nonce is its sequence u64 and 4 zero bytes. No nonce serves twice with a key, whatever is lost in a crash:
// (1) A data key is 256 random bits, made with the segment that it is for; two are never the same. (2) Only the opening of
// the folder that made a key seals with it. An opening begins a segment of its own before its first record, where either
// this one or the segment before is encrypted, and reads what is older. So neither a torn end, nor a write that nobody
// can see any more, nor a copy of the folder that was put back, leads to a second use. (3) Within an opening one thread
// numbers the records, each once: a batch whose write failed leaves a gap, its sequences are not used again.
//
// An event that is erased leaves its record behind: type 255, its former type in the byte at offset 6, a payload of zeros
// as long as it was, and a checksum of its own; the salt of its batch's body becomes zero. A batch whose body's checksum
// does not hold is valid all the same if all of its records are, and at least one is of this type.
//
// The chain and the seal cover heads only, and a head holds no payload. The body's checksum covers its salt as well: once
// a payload is overwritten and the salt with it, the checksum tells nothing about what was there.

enum Format {
  static let version: UInt32 = 1
  static let segmentMagic: UInt64 = 0x4745_5347_4F4C_5743  // "CWLOGSEG"
  static let batchMagic: UInt32 = 0x3148_4243  // "CBH1"
  static let segmentHeadSize = 96
  static let identityKeySize = 16
  /// In a segment head's flags.
  static let encryptedSegment: UInt32 = 1
  static let batchHeadSize = 72
  /// The random bytes that a body of records begins with.
  static let bodySaltSize = 8
  static let recordHeadSize = 24

  static func segmentName(_ firstSequence: UInt64) -> String { digits(firstSequence) + ".log" }
  static func keyName(_ firstSequence: UInt64) -> String { digits(firstSequence) + ".key" }

  private static func digits(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }

  /// The first sequence of a segment's name, or of its key file's; nil where it is another file's.
  static func firstSequence(_ name: String, ending: String = ".log") -> UInt64? {
    let bytes = Array(name.utf8)
    guard bytes.count == 24, name.hasSuffix(ending) else { return nil }
    var number: UInt64 = 0
    for byte in bytes[..<20] {
      guard (48...57).contains(byte) else { return nil }
      let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte - 48))
      if overflow || carry { return nil }
      number = sum
    }
    return number
  }

  static func padded(_ size: Int) -> Int { (size + 7) & ~7 }

  /// What a record's checksum begins with, so that a record of another segment cannot stand in its place.
  static func seed(_ salt: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: salt ^ (salt >> 32)) }
}

struct SegmentHead: Equatable {
  var version: UInt32 = Format.version
  var flags: UInt32 = 0
  var firstSequence: UInt64
  var firstBatch: UInt64
  var salt: UInt64
  /// Of the head of the batch before; 0 in the first segment.
  var previous: UInt32
  var identityKey: IdentityKey

  var isEncrypted: Bool { flags & Format.encryptedSegment != 0 }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(Format.segmentMagic)
    bytes.put(version)
    bytes.put(flags)
    bytes.put(firstSequence)
    bytes.put(firstBatch)
    bytes.put(salt)
    bytes.put(previous)
    bytes.put(UInt32(0))
    bytes.put(identityKey.low)
    bytes.put(identityKey.high)
    bytes.putZeros(28)
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  /// Nil where magic or checksum is wrong.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Format.segmentHeadSize, bytes.get(0, UInt64.self) == Format.segmentMagic,
      bytes.get(92, UInt32.self) == crc32c(bytes.part(0, 92))
    else { return nil }
    version = bytes.get(8, UInt32.self)
    flags = bytes.get(12, UInt32.self)
    firstSequence = bytes.get(16, UInt64.self)
    firstBatch = bytes.get(24, UInt64.self)
    salt = bytes.get(32, UInt64.self)
    previous = bytes.get(40, UInt32.self)
    identityKey = IdentityKey(low: bytes.get(48, UInt64.self), high: bytes.get(56, UInt64.self))
  }

  init(firstSequence: UInt64, firstBatch: UInt64, salt: UInt64, previous: UInt32, identityKey: IdentityKey) {
    self.firstSequence = firstSequence
    self.firstBatch = firstBatch
    self.salt = salt
    self.previous = previous
    self.identityKey = identityKey
  }
}

/// What identities and lanes are hashed with: the 16 bytes of the segment head as two numbers.
struct IdentityKey: Equatable, Sendable {
  var low, high: UInt64

  static func random() -> IdentityKey {
    var generator = SystemRandomNumberGenerator()
    return IdentityKey(low: generator.next(), high: generator.next())
  }
}

struct BatchHead: Equatable {
  enum Kind: UInt8 { case records = 1, idle, closing, seal }

  var kind: Kind
  var number: UInt64
  var firstSequence: UInt64
  var salt: UInt64
  /// Everything in the segment before this offset is synced.
  var syncedUpTo: UInt64
  /// Milliseconds since 1970.
  var time: Int64
  var previous: UInt32
  var count: UInt32
  var bodyLength: UInt32
  var bodyChecksum: UInt32

  /// Writes the head, checksum included, into its 72 bytes; gives the checksum.
  func write(into bytes: UnsafeMutableRawBufferPointer) -> UInt32 {
    bytes.set(0, Format.batchMagic)
    bytes.set(4, UInt32(kind.rawValue))
    bytes.set(8, number)
    bytes.set(16, firstSequence)
    bytes.set(24, salt)
    bytes.set(32, syncedUpTo)
    bytes.set(40, time)
    bytes.set(48, previous)
    bytes.set(52, count)
    bytes.set(56, bodyLength)
    bytes.set(60, bodyChecksum)
    bytes.set(64, UInt32(0))
    let sum = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<68]))
    bytes.set(68, sum)
    return sum
  }

  /// Nil where magic, kind or checksum is wrong, or the sequences do not fit into their numbers. Gives the checksum too, which the next head repeats.
  static func read(_ bytes: UnsafeRawBufferPointer) -> (BatchHead, checksum: UInt32)? {
    guard bytes.count >= Format.batchHeadSize, bytes.get(0, UInt32.self) == Format.batchMagic,
      let kind = Kind(rawValue: UInt8(truncatingIfNeeded: bytes.get(4, UInt32.self)))
    else { return nil }
    let sum = crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<68]))
    guard bytes.get(68, UInt32.self) == sum else { return nil }
    let head = BatchHead(
      kind: kind, number: bytes.get(8, UInt64.self), firstSequence: bytes.get(16, UInt64.self),
      salt: bytes.get(24, UInt64.self), syncedUpTo: bytes.get(32, UInt64.self), time: bytes.get(40, Int64.self),
      previous: bytes.get(48, UInt32.self), count: bytes.get(52, UInt32.self), bodyLength: bytes.get(56, UInt32.self),
      bodyChecksum: bytes.get(60, UInt32.self))
    guard !head.firstSequence.addingReportingOverflow(UInt64(head.count)).overflow else { return nil }
    return (head, sum)
  }
}
