import CLinux

// The log's format, version 1. All numbers are little endian; every part begins at a multiple of 8 bytes.
//
// A log is a folder of segments. A segment's file is named by the first sequence it may hold, 20 digits, and `.log`. It
// is as long as it was allocated: what follows its last batch is zero. `queue.lock` is locked for as long as the folder
// is open.
//
//   segment      = segment head, batch*, zero*
//   segment head = magic u64 · version u32 · 0 u32 · first sequence u64 · number of its first batch u64 · salt u64 ·
//                  checksum of the head of the batch before it u32 · 0 u32 · 0 u64 · 0 u32 · checksum of bytes 0–59 u32
//   batch        = batch head, record*
//   batch head   = magic u32 · kind u8 (1 records, 2 idle mark, 3 closing mark) · 0 u8 · 0 u16 · batch number u64 ·
//                  first sequence u64 · the segment's salt u64 · "everything in this segment before offset N is synced"
//                  u64 · wall time in milliseconds, never less than in the batch before i64 · checksum of the head of
//                  the batch before u32 · number of records u32 · body length u32 · body checksum u32 · 0 u32 ·
//                  checksum of bytes 0–67 u32
//   record       = payload length u32 · type u8 · 0 u8 · 0 u16 · sequence u64 · group u32 · checksum of bytes 0–19 and
//                  the payload, begun with both halves of the salt xored, u32 · payload · zeros to a multiple of 8
//
// Checksums are CRC-32C (Castagnoli). Each record has a sequence, one more than the record before; an event is known by
// that of its record. A group is what one call wrote: it never spans batches. A mark has no records.
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
// The chain covers heads only, and a head holds no payload: a payload can be overwritten one day without breaking it.

enum Format {
  static let version: UInt32 = 1
  static let segmentMagic: UInt64 = 0x4745_5347_4F4C_5743  // "CWLOGSEG"
  static let batchMagic: UInt32 = 0x3148_4243  // "CBH1"
  static let segmentHeadSize = 64
  static let batchHeadSize = 72
  static let recordHeadSize = 24

  static func segmentName(_ firstSequence: UInt64) -> String {
    let digits = String(firstSequence)
    return String(repeating: "0", count: 20 - digits.count) + digits + ".log"
  }

  /// The first sequence of a segment's name, or nil where it is another file's.
  static func firstSequence(_ name: String) -> UInt64? {
    let bytes = Array(name.utf8)
    guard bytes.count == 24, name.hasSuffix(".log") else { return nil }
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
  var firstSequence: UInt64
  var firstBatch: UInt64
  var salt: UInt64
  /// Of the head of the batch before; 0 in the first segment.
  var previous: UInt32

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(Format.segmentMagic)
    bytes.put(version)
    bytes.put(UInt32(0))
    bytes.put(firstSequence)
    bytes.put(firstBatch)
    bytes.put(salt)
    bytes.put(previous)
    bytes.put(UInt32(0))
    bytes.put(UInt64(0))
    bytes.put(UInt32(0))
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  /// Nil where magic or checksum is wrong.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Format.segmentHeadSize, bytes.get(0, UInt64.self) == Format.segmentMagic,
      bytes.get(60, UInt32.self) == crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<60]))
    else { return nil }
    version = bytes.get(8, UInt32.self)
    firstSequence = bytes.get(16, UInt64.self)
    firstBatch = bytes.get(24, UInt64.self)
    salt = bytes.get(32, UInt64.self)
    previous = bytes.get(40, UInt32.self)
  }

  init(firstSequence: UInt64, firstBatch: UInt64, salt: UInt64, previous: UInt32) {
    self.firstSequence = firstSequence
    self.firstBatch = firstBatch
    self.salt = salt
    self.previous = previous
  }
}

struct BatchHead: Equatable {
  enum Kind: UInt8 { case records = 1, idle, closing }

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
