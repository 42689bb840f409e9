// The format of an identity run, version 1: what is remembered of a range of sequences of the log, so that a duplicate is
// told for days with little memory, whether or not the segments are still there. All numbers are little endian.
//
// A run's file is named by the first sequence of its range, 20 digits, and `.ids`. It is written under another name,
// synced and renamed, and never changed after that.
//
//   run   = head, filter, index, block*
//   head  = magic u64 · version u32 · 0 u32 · identity key 16 bytes · salt u64 · number of entries u64 · first and last
//           sequence of the range u64 u64 · time of its oldest and of its newest entry i64 i64 · time of the newest entry
//           of all before the range i64 · checksum of filter and index u32 · 32 zero bytes · checksum of bytes 0–123 u32
//   filter = a Bloom filter, see `IdentityFilter`
//   index = of each block the first identity hash u64
//   block = entry* (170; fewer in the last) · 0 u64 · 0 u32 · checksum of the bytes before it, begun with the salt's
//           halves and the block's number xored, u32
//   entry = identity hash u64 · body's checksum and length u64 · sequence u64
//
// Entries are in the order of hash and sequence. Times are milliseconds since 1970. Checksums are CRC-32C.
//
// The range of a run begins where that of the run before ends: what is between two runs is missing, or forgotten where
// its newest entry (the head of the run behind it says when that was) is out of the window. A run that merges others has
// the first one's name and takes its place; others whose range is inside of it are leftovers.

enum IdentityRunFormat {
  static let version: UInt32 = 1
  static let magic: UInt64 = 0x314E_5552_4449_5743  // "CWIDRUN1"
  static let headSize = 128
  static let entrySize = 24
  static let entriesPerBlock = 170
  static let blockTail = 16
  static let blockSize = entriesPerBlock * entrySize + blockTail
  /// What is being written has this behind its name.
  static let unfinished = ".part"

  static func name(_ firstSequence: UInt64) -> String { Format.segmentName(firstSequence).dropLast(4) + ".ids" }

  /// The first sequence of a run's name, or nil where it is another file's.
  static func firstSequence(_ name: String) -> UInt64? {
    name.hasSuffix(".ids") ? Format.firstSequence(name.dropLast(4) + ".log") : nil
  }
}

/// What a run's head says.
struct IdentityRunHead: Equatable, Sendable {
  var key: IdentityKey
  var salt: UInt64
  var count: Int
  var first, last: UInt64
  var oldest, newest: Int64
  /// The time of the newest entry before the range; `.min`: there is none.
  var newestBefore: Int64
  var checksum: UInt32 = 0

  var sequences: ClosedRange<UInt64> { first...last }

  // MARK: where its parts are

  var filterSize: Int { IdentityFilter.size(count) }
  var blocks: Int { (count + IdentityRunFormat.entriesPerBlock - 1) / IdentityRunFormat.entriesPerBlock }
  var indexSize: Int { blocks * 8 }
  var firstBlock: Int { IdentityRunFormat.headSize + filterSize + indexSize }
  var fileSize: Int { firstBlock + count * IdentityRunFormat.entrySize + blocks * IdentityRunFormat.blockTail }

  func entries(inBlock block: Int) -> Int {
    min(IdentityRunFormat.entriesPerBlock, count - block * IdentityRunFormat.entriesPerBlock)
  }

  func seed(_ block: Int) -> UInt32 { Format.seed(salt) ^ UInt32(truncatingIfNeeded: block) }

  // MARK: bytes

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(IdentityRunFormat.magic)
    bytes.put(IdentityRunFormat.version)
    bytes.put(UInt32(0))
    bytes.put(key.low)
    bytes.put(key.high)
    bytes.put(salt)
    bytes.put(UInt64(count))
    bytes.put(first)
    bytes.put(last)
    bytes.put(oldest)
    bytes.put(newest)
    bytes.put(newestBefore)
    bytes.put(checksum)
    bytes.putZeros(32)
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  enum Reading {
    case head(IdentityRunHead)
    /// A later program wrote it.
    case version(UInt32)
    case damaged
  }

  static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
    guard bytes.count >= IdentityRunFormat.headSize, bytes.get(0, UInt64.self) == IdentityRunFormat.magic,
      bytes.get(124, UInt32.self) == crc32c(bytes.part(0, 124))
    else { return .damaged }
    let version = bytes.get(8, UInt32.self)
    if version != IdentityRunFormat.version { return .version(version) }
    let count = bytes.get(40, UInt64.self)
    let head = IdentityRunHead(
      key: IdentityKey(low: bytes.get(16, UInt64.self), high: bytes.get(24, UInt64.self)),
      salt: bytes.get(32, UInt64.self), count: Int(clamping: count),
      first: bytes.get(48, UInt64.self), last: bytes.get(56, UInt64.self), oldest: bytes.get(64, Int64.self),
      newest: bytes.get(72, Int64.self), newestBefore: bytes.get(80, Int64.self), checksum: bytes.get(88, UInt32.self))
    guard head.first <= head.last, count <= 1 << 32 else { return .damaged }
    return .head(head)
  }
}
