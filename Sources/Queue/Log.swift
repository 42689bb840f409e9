import Posix

/// The end of the log, where batches are written. Belongs to one thread.
struct Log {
  let disk: any Disk
  let folder: String
  let options: QueueOptions
  let names: SegmentNames
  /// The last segment's number in this process.
  var segment: UInt32
  var file: DiskFile
  var salt: UInt64
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

  /// Bytes left in the segment.
  var room: UInt64 { size > end ? size - end : 0 }

  var origin: Place { Place(segment: segment, offset: UInt32(end)) }

  /// Writes the batch and syncs it. Only a full disk leaves the log usable: what a failed write left is overwritten by
  /// the next batch, whose head stands in the same place.
  mutating func write(_ draft: inout Draft, at wall: Int64) throws(LogError) {
    time = max(time, wall)
    let checksum = draft.seal(head(.records, firstSequence: draft.firstSequence))
    try write(draft.bytes, checksum: checksum)
  }

  /// Says in the log that all of it is synced.
  mutating func mark(_ kind: BatchHead.Kind, nextSequence: UInt64, at wall: Int64) throws(LogError) {
    guard room >= UInt64(Format.batchHeadSize) else { return }
    time = max(time, wall)
    var bytes = [UInt8](repeating: 0, count: Format.batchHeadSize)
    let head = head(kind, firstSequence: nextSequence)
    let checksum = bytes.withUnsafeMutableBytes { head.write(into: $0) }
    try write(bytes, checksum: checksum)
    marked = end
  }

  private func head(_ kind: BatchHead.Kind, firstSequence: UInt64) -> BatchHead {
    BatchHead(
      kind: kind, number: nextBatch, firstSequence: firstSequence, salt: salt, syncedUpTo: end, time: time,
      previous: previous, count: 0, bodyLength: 0, bodyChecksum: 0)
  }

  private mutating func write(_ bytes: [UInt8], checksum: UInt32) throws(LogError) {
    do { try disk.write(bytes, to: file, at: end) } catch { throw LogError(isFinal: !error.isFull, error) }
    // After a failed sync the bytes may be gone although the next sync succeeds: never ask again, whatever the error.
    do { try disk.sync(file) } catch { throw LogError(isFinal: true, error) }
    end += UInt64(bytes.count)
    previous = checksum
    nextBatch += 1
  }

  /// Begins a new segment, with room for a batch of `needed` bytes beside the reserve. Its name and its head are durable
  /// before anything else is written to it. After an error the old segment is still the last.
  mutating func roll(firstSequence: UInt64, needed: Int) throws(DiskError) {
    let size = max(options.segmentSize, UInt64(Format.segmentHeadSize + needed) + options.reserve)
    guard try disk.freeSpace(folder) >= size + options.minimumFree else {
      throw DiskError("free space", folder, .noSpace)
    }
    let salt = UInt64.random(in: 1...UInt64.max)
    let made = try SegmentFile.create(
      disk, folder, size: size,
      SegmentHead(firstSequence: firstSequence, firstBatch: nextBatch, salt: salt, previous: previous))
    disk.close(file)
    file = made
    self.salt = salt
    self.size = size
    end = UInt64(Format.segmentHeadSize)
    marked = end
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

enum SegmentFile {
  /// A file with its head, allocated, all of it and its name durable. Leaves no file behind where the disk is full.
  static func create(
    _ disk: any Disk, _ folder: String, size: UInt64, _ head: SegmentHead
  ) throws(DiskError) -> DiskFile {
    let path = folder + "/" + Format.segmentName(head.firstSequence)
    let file = try disk.open(path, .create)
    do {
      try disk.allocate(file, size: size)
      try disk.write(head.bytes, to: file, at: 0)
      try disk.syncAll(file)
      try disk.syncFolder(folder)
      return file
    } catch {
      disk.close(file)
      if error.isFull { try disk.unlink(path) }
      throw error
    }
  }
}

extension Disk {
  func write(_ bytes: [UInt8], to file: DiskFile, at offset: UInt64) throws(DiskError) {
    try bytes.span.withUnsafeBytes { (all) throws(DiskError) in try write(all, to: file, at: offset) }
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

  subscript(segment: UInt32) -> String? {
    all.withLock { Int(segment) < $0.count ? Format.segmentName($0[Int(segment)]) : nil }
  }
}
