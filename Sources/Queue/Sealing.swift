import Crypto
import Posix

/// What the last batch of a finished segment says of all before it.
struct Seal: Equatable {
  static let size = 72
  /// Bytes of the whole batch.
  static let batchSize = Format.batchHeadSize + size

  /// Records; damaged ones too.
  var count: UInt64 = 0
  var firstSequence: UInt64 = 0
  /// One less than the first where there is no record.
  var lastSequence: UInt64 = 0
  /// Of the first and the last batch; milliseconds since 1970.
  var firstTime: Int64 = 0
  var lastTime: Int64 = 0
  /// SHA-256 of all batch heads.
  var digest: [UInt8] = []

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(count)
    bytes.put(firstSequence)
    bytes.put(lastSequence)
    bytes.put(firstTime)
    bytes.put(lastTime)
    return bytes + digest
  }

  init() {}

  /// Nil where the body is not a seal's.
  init?(_ body: UnsafeRawBufferPointer) {
    guard body.count == Self.size else { return nil }
    count = body.get(0, UInt64.self)
    firstSequence = body.get(8, UInt64.self)
    lastSequence = body.get(16, UInt64.self)
    firstTime = body.get(24, Int64.self)
    lastTime = body.get(32, Int64.self)
    digest = [UInt8](body.part(40, 32))
  }
}

/// A seal in the making: takes the heads of a segment's batches, in their order.
struct SealDraft {
  private var seal = Seal()
  private var heads = DigestState(.sha256)

  /// `bytes` begins with the batch's head.
  mutating func add(_ head: BatchHead, _ bytes: UnsafeRawBufferPointer) {
    heads.update(bytes.part(0, Format.batchHeadSize).bytes)
    if seal.firstSequence == 0 {
      seal.firstSequence = head.firstSequence
      seal.firstTime = head.time
    }
    seal.count += UInt64(head.count)
    seal.lastTime = head.time
    seal.lastSequence = head.firstSequence &+ UInt64(head.count) &- 1
  }

  /// The time of the first batch; nil where there is none.
  var began: Int64? { seal.firstSequence == 0 ? nil : seal.firstTime }

  func finished(nextSequence: UInt64, at time: Int64) -> Seal {
    var seal = seal
    if seal.firstSequence == 0 {
      (seal.firstSequence, seal.lastSequence) = (nextSequence, nextSequence - 1)
      (seal.firstTime, seal.lastTime) = (time, time)
    }
    seal.digest = heads.finish()
    return seal
  }
}

/// Takes what was allocated and never used from the end of a sealed segment.
struct Trimming {
  let name: String
  let end: UInt64

  /// Nothing depends on it: where it fails, the next start tries again.
  func run(_ disk: any Disk, _ folder: String) {
    do throws(DiskError) {
      let file = try disk.open(folder + "/" + name, .write)
      defer { disk.close(file) }
      try disk.truncate(file, to: end)
      try disk.syncAll(file)
    } catch {}
  }
}
