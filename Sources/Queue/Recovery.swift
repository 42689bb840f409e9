import Events
import Posix

/// Opens a log: reads all of it into a state, and repairs its end. Nothing is changed on disk before all of it was read,
/// and all that is changed then is changed the same way if a crash makes it begin again.
struct Recovery {
  let disk: any Disk
  let folder: String
  let options: QueueOptions
  let names = SegmentNames()

  var state: QueueState
  var report = RecoveryReport()
  /// Where the log goes on.
  var tail: Tail?
  var nextSequence: UInt64 = 1
  /// What the next batch has to be; nil until the first head was read.
  var chain: (number: UInt64, checksum: UInt32)?
  var time: Int64 = 0
  /// Files that are not part of the log, to be put aside.
  var strays: [String] = []

  /// The end of the last segment as it was read.
  struct Tail {
    var name: String
    var segment: UInt32
    var salt: UInt64
    var end: Int
    var marked: Int
    /// What was read from `marked` to `end`, to be written once more.
    var unverified: [UInt8]
    var torn: Range<Int>?
    var tornBytes: [UInt8] = []
  }

  init(_ disk: any Disk, _ folder: String, _ options: QueueOptions) {
    self.disk = disk
    self.folder = folder
    self.options = options
    state = QueueState(duplicateWindow: options.duplicateWindow * 1000, suspectDelay: options.suspectDelay)
  }

  mutating func run() throws(QueueError) -> Log {
    do {
      let segments = try segmentNames()
      try refuseNewer(segments)
      for (index, name) in segments.enumerated() { try read(name, isLast: index == segments.count - 1) }
      report.segments = Int(segments.count - strays.count)
      report.events = state.tally.received
      report.interruptedLeases = state.leases.count
      try putAsideStrays()
      return try openTail()
    } catch let error as DiskError {
      throw .storage("\(error)")
    } catch let error as QueueError {
      throw error
    } catch {
      throw .storage("\(error)")
    }
  }

  private func segmentNames() throws(DiskError) -> [String] {
    try disk.list(folder).filter { Format.firstSequence($0) != nil }.sorted()
  }

  /// A log that a later version wrote is left as it is.
  private func refuseNewer(_ segments: [String]) throws {
    for name in segments {
      let bytes = try load(name, limit: Format.segmentHeadSize)
      if let head = bytes.withUnsafeBytes({ SegmentHead($0) }), head.version != Format.version {
        throw QueueError.storage("\(name) has format version \(head.version); this program reads \(Format.version)")
      }
    }
  }

  private func load(_ name: String, limit: Int = .max) throws(DiskError) -> [UInt8] {
    let file = try disk.open(folder + "/" + name, .read)
    defer { disk.close(file) }
    let size = min(Int(try disk.size(file)), limit)
    var bytes = [UInt8](repeating: 0, count: size)
    var count = 0
    do {
      count = try bytes.withUnsafeMutableBytes { try disk.read(file, at: 0, into: $0) }
    } catch let error as DiskError {
      throw error
    } catch {
      throw DiskError("pread", name, .inputOutput)
    }
    bytes.removeLast(size - count)
    return bytes
  }

  // MARK: reading

  private mutating func read(_ name: String, isLast: Bool) throws {
    let bytes = try load(name)
    let head = bytes.withUnsafeBytes { SegmentHead($0) }
    guard let salt = head?.salt ?? bytes.withUnsafeBytes({ SegmentScan.salt(in: $0) }) else {
      // A creation that a crash cut short, if it is the last: nothing was written to it yet.
      strays.append(name)
      if !isLast { report.damage.append(Damage(.segment, name, 0..<bytes.count)) }
      return
    }
    if let head, head.firstSequence != Format.firstSequence(name) || head.firstBatch < (chain?.number ?? 0) {
      strays.append(name)
      report.damage.append(Damage(.segment, name, 0..<bytes.count))
      return
    }
    if head == nil { report.damage.append(Damage(.segment, name, 0..<Format.segmentHeadSize)) }
    let segment = names.append(Format.firstSequence(name) ?? 0)
    if chain == nil, let head {
      chain = (head.firstBatch, head.previous)
      nextSequence = max(nextSequence, head.firstSequence)
    }
    let reading = SegmentReading(name: name, segment: segment, salt: salt, isLast: isLast)
    try reading.read(bytes, into: &self)
  }

  private mutating func putAsideStrays() throws(DiskError) {
    for name in strays {
      var free = folder + "/" + name + ".set-aside"
      let there = try disk.list(folder)
      var number = 1
      while there.contains(String(free.dropFirst(folder.utf8.count + 1))) {
        number += 1
        free = folder + "/" + name + ".set-aside-\(number)"
      }
      try disk.rename(folder + "/" + name, to: free)
    }
    if !strays.isEmpty { try disk.syncFolder(folder) }
  }
}
