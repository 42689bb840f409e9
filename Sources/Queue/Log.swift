import Posix

/// The end of the log, where batches are written. Belongs to one thread.
struct Log {
  let disk: any Disk
  let folder: String
  let options: QueueOptions
  let names: SegmentNames
  let upkeep: Upkeep
  let keys: EncryptionKeys
  /// The last segment's number in this process.
  var segment: UInt32
  var file: DiskFile
  var salt: UInt64
  /// Nil where the segment is not encrypted, or has a key that this opening did not make.
  var cipher: RecordCipher?
  let identityKey: IdentityKey
  /// Where the next batch begins.
  var end: UInt64
  /// The file's length; all of it is allocated.
  var size: UInt64
  /// Everything before it is synced, and the log says so.
  var marked: UInt64
  var nextBatch: UInt64
  /// The checksum of the last head.
  var previous: UInt32
  /// The last batch's time.
  var time: Int64
  /// The last segment's.
  var firstSequence: UInt64
  /// Segments before the last that are still there, oldest first.
  var sealed: [SealedSegment] = []
  /// Of the heads in the last segment.
  var seal: SealDraft
  /// The last segment has its seal: a new one has to begin before anything else is written.
  var isSealed = false
  /// What is written next begins a segment of its own: this opening may not seal records for the last one, or they are
  /// not to be encrypted as those in it; see `Format.swift`.
  var mustRoll = false
  /// The next segment, where it is allocated already.
  var spare: Spare?
  /// What is left belongs to settling: no event is taken in until there is room for more than the next segment.
  var isDraining = false

  /// What marks and the seal take, whatever else is written.
  static let ending = 2 * Format.batchHeadSize + Seal.batchSize

  /// Bytes left in the segment.
  var room: UInt64 { isSealed || mustRoll || size <= end ? 0 : size - end }

  /// A sequence that a new segment can be named by: one that is empty keeps its name.
  func free(_ sequence: UInt64) -> UInt64 { max(sequence, firstSequence + 1) }

  var origin: Place { Place(segment: segment, offset: UInt32(end)) }

  /// Writes the batch and syncs it. Only a full disk leaves the log usable: what a failed write left is overwritten by
  /// the next batch, whose head stands in the same place.
  mutating func write(_ draft: inout Draft, at wall: Int64) throws(LogError) {
    time = max(time, wall)
    var head = head(.records, firstSequence: draft.firstSequence)
    let checksum = draft.seal(head, cipher: cipher)
    head.count = UInt32(draft.count)
    try write(head, draft.bytes, checksum: checksum)
  }

  /// Says in the log that all of it is synced.
  mutating func mark(_ kind: BatchHead.Kind, nextSequence: UInt64, at wall: Int64) throws(LogError) {
    guard room >= UInt64(Format.batchHeadSize + Seal.batchSize) else { return }
    time = max(time, wall)
    try write(head(kind, firstSequence: nextSequence), body: [])
    marked = end
  }

  private func head(_ kind: BatchHead.Kind, firstSequence: UInt64) -> BatchHead {
    BatchHead(
      kind: kind, number: nextBatch, firstSequence: firstSequence, salt: salt, syncedUpTo: end, time: time,
      previous: previous, count: 0, bodyLength: 0, bodyChecksum: 0)
  }

  private mutating func write(_ head: BatchHead, body: [UInt8]) throws(LogError) {
    var head = head
    head.bodyLength = UInt32(body.count)
    head.bodyChecksum = body.withUnsafeBytes { crc32c($0) }
    var bytes = [UInt8](repeating: 0, count: Format.batchHeadSize)
    let checksum = bytes.withUnsafeMutableBytes { head.write(into: $0) }
    try write(head, bytes + body, checksum: checksum)
  }

  private mutating func write(_ head: BatchHead, _ bytes: [UInt8], checksum: UInt32) throws(LogError) {
    do { try disk.write(bytes, to: file, at: end) } catch { throw LogError(isFinal: !error.isFull, error) }
    // After a failed sync the bytes may be gone although the next sync succeeds: never ask again, whatever the error.
    do { try disk.sync(file) } catch { throw LogError(isFinal: true, error) }
    bytes.withUnsafeBytes { seal.add(head, $0) }
    end += UInt64(bytes.count)
    previous = checksum
    nextBatch += 1
  }

  // MARK: the next segment

  /// Begins a new segment, with room for a batch of `needed` bytes beside the reserve. Its name and its head are durable
  /// before anything else is written to it. After an error that is not final, the log goes on as it was.
  ///
  /// Events are taken into a new segment only where there is room for one more behind it: that one is for settling.
  mutating func roll(firstSequence: UInt64, needed: Int, isIntake: Bool) throws(LogError) {
    let size = max(options.segmentSize, UInt64(Format.segmentHeadSize + needed) + options.reserve)
    do throws(DiskError) {
      try makeRoom(size, isIntake: isIntake)
    } catch {
      throw LogError(isFinal: !error.isFull, error)
    }
    if !isSealed { try close(nextSequence: firstSequence) }
    try begin(firstSequence: firstSequence)
  }

  /// Sees to a spare of so many bytes.
  private mutating func makeRoom(_ size: UInt64, isIntake: Bool) throws(DiskError) {
    let behind = options.segmentSize + options.minimumFree
    if isIntake {
      let wanted = spare == nil ? size + behind : behind
      if try disk.freeSpace(folder) < wanted { throw DiskError("free space", folder, .noSpace) }
    }
    if let spare, spare.size >= size { return }
    if let small = spare {
      disk.close(small.file)
      spare = nil
      try disk.unlink(folder + "/" + small.name.rawValue)
    }
    spare = try Spare.make(disk, folder, .atOnce, size: size)
  }

  /// Writes the seal.
  private mutating func close(nextSequence: UInt64) throws(LogError) {
    let finished = seal.finished(nextSequence: nextSequence, at: time)
    try write(head(.seal, firstSequence: nextSequence), body: finished.bytes)
    marked = end
    isSealed = true
  }

  /// Makes the spare the last segment.
  mutating func begin(firstSequence: UInt64) throws(LogError) {
    guard let next = spare else { throw LogError(isFinal: false, DiskError("free space", folder, .noSpace)) }
    let head = SegmentHead(
      firstSequence: firstSequence, firstBatch: nextBatch, salt: .random(in: 1...UInt64.max), previous: previous,
      identityKey: identityKey)
    let made: RecordCipher?
    do throws(DiskError) {
      made = try next.begin(disk, folder, head, keys)
    } catch {
      throw LogError(isFinal: !error.isFull, error)
    }
    disk.close(file)
    if let name = names[segment], size > end {
      let trimming = Trimming(name: name, end: end)
      upkeep.submit { [disk, folder] in trimming.run(disk, folder) }
    }
    sealed.append(SealedSegment(number: segment, firstSequence: self.firstSequence, size: end, lastTime: time))
    self.firstSequence = firstSequence
    spare = nil
    file = next.file
    salt = head.salt
    cipher = made
    size = next.size
    end = UInt64(Format.segmentHeadSize)
    marked = end
    seal = SealDraft()
    isSealed = false
    mustRoll = false
    segment = names.append(firstSequence)
  }
}

/// Why a batch was not written.
struct LogError: Error {
  /// The log cannot be used any more.
  let isFinal: Bool
  let error: DiskError

  init(isFinal: Bool, _ error: DiskError) {
    self.isFinal = isFinal
    self.error = error
  }
}

extension Disk {
  func write(_ bytes: [UInt8], to file: DiskFile, at offset: UInt64) throws(DiskError) {
    try bytes.span.withUnsafeBytes { (all) throws(DiskError) in try write(all, to: file, at: offset) }
  }
}

extension Disk {
  /// A file's bytes, the first of them where there are more.
  func bytes(of path: String, limit: Int = .max) throws(DiskError) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(path, limit: limit, into: &bytes)
    return bytes
  }

  /// The same in place of other bytes, in their memory where it is large enough.
  func read(_ path: String, limit: Int = .max, into bytes: inout [UInt8]) throws(DiskError) {
    let file = try open(path, .read)
    defer { close(file) }
    let size = min(Int(try size(file)), limit)
    guard bytes.capacity >= size, !bytes.isEmpty else {
      bytes = try start(of: file, size)
      return
    }
    bytes.removeLast(max(0, bytes.count - size))
    bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
    var span = bytes.mutableSpan
    let count = try span.withUnsafeMutableBytes { (all) throws(DiskError) in try read(file, at: 0, into: all) }
    bytes.removeLast(size - count)
  }

  private func start(of file: DiskFile, _ size: Int) throws(DiskError) -> [UInt8] {
    var failure: DiskError?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { all, filled in
      let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(all)[..<size])
      do throws(DiskError) { filled = try read(file, at: 0, into: part) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// The segments of the log by their numbers in this process: their first sequences, which are their names.
final class SegmentNames: Sendable {
  private let all = Lock<[UInt64]>([])

  func append(_ firstSequence: UInt64) -> UInt32 {
    all.withLock {
      $0.append(firstSequence)
      return UInt32($0.count - 1)
    }
  }

  /// As a process before numbered them.
  func begin(with firstSequences: [UInt64]) { all.withLock { $0 = firstSequences } }

  /// First sequences by number.
  var firstSequences: [UInt64] { all.withLock { $0 } }

  subscript(segment: UInt32) -> String? {
    all.withLock { Int(segment) < $0.count ? Format.segmentName($0[Int(segment)]) : nil }
  }
}
