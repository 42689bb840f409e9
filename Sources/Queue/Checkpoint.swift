// A checkpoint: the state as of a place in the log, so that a start need not read all of it. It is acceleration only:
// one that is missing, damaged, or written by a program whose tables look different is passed over, and what it would
// have said is read from the log.
//
// Its file is named by the next sequence as of that place, 20 digits, and `.checkpoint`; it is written under another name,
// synced, and renamed.
//
//   checkpoint = head, section*, the section `end`
//   head       = magic u64 · version u32 · checksum of the description of the tables' rows u32 · next sequence u64 ·
//                segment's number u32 · 0 u32 · offset u64 · batch number u64 · checksum of the head of the batch before
//                u32 · 0 u32 · time i64 · identity key 16 bytes · 12 zero bytes · checksum of bytes 0–91 u32
//   section    = kind u32 · checksum of kind, length and content u32 · length u64 · content · zeros to a multiple of 8
//
// Rows and lanes are as they are in memory. Segments are known by their numbers in the process that wrote the
// checkpoint; the section `names` has their first sequences. Where the queue is encrypted, so are the sections of words.

import Events

/// The place in the log that a checkpoint is as of: what follows is read from there.
struct CheckpointHead: Equatable, Sendable {
  static let size = 96
  static let magic: UInt64 = 0x5450_4B43_4C57_4343  // "CCWLCKPT"
  /// Of the sections, and of what the numbers in them mean.
  static let version: UInt32 = 3

  var nextSequence: UInt64
  var segment: UInt32
  var offset: UInt64
  var nextBatch: UInt64
  var previous: UInt32
  var time: Int64
  var identityKey: IdentityKey

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(Self.magic)
    bytes.put(Self.version)
    bytes.put(CheckpointLayout.checksum)
    bytes.put(nextSequence)
    bytes.put(segment)
    bytes.put(UInt32(0))
    bytes.put(offset)
    bytes.put(nextBatch)
    bytes.put(previous)
    bytes.put(UInt32(0))
    bytes.put(time)
    bytes.put(identityKey.low)
    bytes.put(identityKey.high)
    bytes.putZeros(12)
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  init(
    nextSequence: UInt64, segment: UInt32, offset: UInt64, nextBatch: UInt64, previous: UInt32, time: Int64,
    identityKey: IdentityKey
  ) {
    self.nextSequence = nextSequence
    self.segment = segment
    self.offset = offset
    self.nextBatch = nextBatch
    self.previous = previous
    self.time = time
    self.identityKey = identityKey
  }

  /// Nil where it is damaged, or another program's.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.size, bytes.get(0, UInt64.self) == Self.magic,
      bytes.get(92, UInt32.self) == crc32c(bytes.part(0, 92)), bytes.get(8, UInt32.self) == Self.version,
      bytes.get(12, UInt32.self) == CheckpointLayout.checksum
    else { return nil }
    nextSequence = bytes.get(16, UInt64.self)
    segment = bytes.get(24, UInt32.self)
    offset = bytes.get(32, UInt64.self)
    nextBatch = bytes.get(40, UInt64.self)
    previous = bytes.get(48, UInt32.self)
    time = bytes.get(56, Int64.self)
    identityKey = IdentityKey(low: bytes.get(64, UInt64.self), high: bytes.get(72, UInt64.self))
  }
}

enum CheckpointSection: UInt32 {
  case end = 1
  /// First sequences of segments by number.
  case names
  case facts, leases, notes, flows
  /// A chunk of each.
  case rows, lanes
  /// See `IdentityCheckpoint.swift`.
  case identities
  /// Before those that are encrypted with it: see `CheckpointCipher`.
  case key
  case sources, pauses
  /// Since when events that were carried on are parked.
  case parked

  /// In words that somebody wrote.
  var isText: Bool { self == .notes || self == .flows || self == .pauses }
}

/// What rows look like in this program: a checkpoint keeps them as they are in memory, and is of use only where they look
/// the same.
enum CheckpointLayout {
  static let checksum: UInt32 = Array((text(Row.self) + text(LaneSlot.self)).utf8)
    .withUnsafeBytes { crc32c($0) }

  private static func text<Plain: BitwiseCopyable>(_ type: Plain.Type) -> String {
    // Every bit pattern of zeros is a value of these types.
    let zeros = [UInt8](repeating: 0, count: MemoryLayout<Plain>.stride)
    let plain = zeros.withUnsafeBytes { $0.loadUnaligned(as: type) }
    let fields = Mirror(reflecting: plain).children.map { "\($0.label ?? ""): \(Swift.type(of: $0.value))" }
    return "\(type) \(MemoryLayout<Plain>.stride) \(fields)\n"
  }
}

enum CheckpointName {
  static let ending = ".checkpoint"

  static func of(_ nextSequence: UInt64) -> String {
    String(Format.segmentName(nextSequence).dropLast(4)) + ending
  }

  static func nextSequence(_ name: String) -> UInt64? {
    guard name.hasSuffix(ending) else { return nil }
    return Format.firstSequence(String(name.dropLast(ending.utf8.count)) + ".log")
  }
}

/// What a checkpoint holds. Taking it costs the writer a reference a chunk; what it changes afterwards is copied chunk by
/// chunk as it changes.
struct StateSnapshot: Sendable {
  var rows: [[Row]]
  var lanes: [[LaneSlot]]
  var leases: [UInt64: HeldLease]
  var notes: [UInt64: [String]]
  var parkedSince: [UInt64: Int64]
  var flows: [String: UInt16]
  var sources: [SourceHash: UInt16]
  /// Milliseconds since 1970.
  var pauses: [WorkPart: Int64]
  /// That are in no run yet.
  var identities: [FrozenIdentities]
  var tally: Tally
  var oldest: UInt64
  /// The lease that the suspect is under.
  var suspect: UInt64
  var keptFrom: UInt64

  /// `sequence`: the last that the state knows.
  init(_ state: QueueState, through sequence: UInt64) {
    rows = state.rows.chunks
    lanes = state.lanes.chunks
    leases = state.leases
    notes = state.notes
    parkedSince = state.parkedSince
    flows = state.flows.flows
    sources = state.flows.sources
    pauses = state.pauses.since
    identities = state.duplicates.unwritten(through: sequence)
    tally = state.tally
    oldest = state.oldest
    suspect = state.suspects.token
    keptFrom = state.keptFrom
  }
}

extension QueueState {
  /// The state that a snapshot was taken of. What is derived is made anew: who is ready and who is due follows from the
  /// lanes' stamps.
  mutating func restore(_ snapshot: StateSnapshot) {
    rows = RowTable(chunks: snapshot.rows)
    lanes = LaneTable(chunks: snapshot.lanes)
    leases = snapshot.leases
    notes = snapshot.notes
    parkedSince = snapshot.parkedSince
    flows.restore(snapshot.flows, snapshot.sources, rows)
    turns.bulkOut = lanes.chunks.joined().count { $0.isOutAsBulk }
    restorePauses(snapshot.pauses)
    duplicates.restore(snapshot.identities)
    tally = snapshot.tally
    oldest = snapshot.oldest
    keptFrom = snapshot.keptFrom
    suspects.begin(snapshot.suspect)
    listAll()
  }
}
