import Events
import Posix

/// Opens a log: reads all of it into a state, and repairs its end. Nothing is changed on disk before all of it was read,
/// and all that is changed then is changed the same way if a crash makes it begin again.
struct Recovery {
  let disk: any Disk
  let folder: String
  let options: QueueOptions
  let upkeep: Upkeep
  let names = SegmentNames()
  let keys: EncryptionKeys

  var state: QueueState
  var report = RecoveryReport()
  /// The damage, by its place in the report, that the next head tells how many records it hit.
  var openGap: Int?
  /// Where the log goes on.
  var tail: Tail?
  var nextSequence: UInt64 = 1
  /// What the next batch has to be; nil until the first head was read.
  var chain: (number: UInt64, checksum: UInt32)?
  var time: Int64 = 0
  /// Of the first segment whose head can be read.
  var identityKey: IdentityKey?
  /// The checkpoint that was begun with.
  var resumed: CheckpointHead?
  /// The last batch is a closing mark.
  var endedInOrder = false
  /// Of the log behind the checkpoint.
  var bytesRead: UInt64 = 0
  /// Something is wrong before the place that was begun at.
  var isDoubtful = false
  /// What the identity runs' folder holds.
  var runs: LoadedRuns?
  /// What was being overwritten when a crash came, by segment; nil where nothing had begun.
  var overwritings: [String: Overwriting?] = [:]
  /// Files that are not part of the log, to be put aside.
  var strays: [String] = []
  /// Segments before the last, oldest first.
  var sealed: [SealedSegment] = []
  /// Reads segments before they are asked for.
  var ahead: SegmentsAhead?
  /// Sealed segments that are longer than what is in them.
  var untrimmed: [Trimming] = []

  /// The end of the last segment as it was read.
  struct Tail {
    var name: String
    var segment: UInt32
    var salt: UInt64
    var isEncrypted: Bool
    var end: Int
    var marked: Int
    /// What was read from `marked` to `end`, to be written once more.
    var unverified: [UInt8]
    var torn: Range<Int>?
    var seal: SealDraft
    var isSealed: Bool
  }

  init(_ disk: any Disk, _ folder: String, _ options: QueueOptions, _ upkeep: Upkeep) {
    self.upkeep = upkeep
    self.disk = disk
    self.folder = folder
    self.options = options
    keys = EncryptionKeys(disk, folder, options.encryption)
    state = Self.emptyState(options, .random())
  }

  mutating func run() throws(QueueError) -> Log {
    do {
      let segments = try segmentNames()
      try findOverwritings(segments)
      try readHeads(segments)
      try beginIdentities(segments)
      if try !resume(segments) {
        try read(segments)
      }
      try compareWithCheckpoints()
      report.segments = Int(segments.count - strays.count)
      report.events = state.tally.received
      report.interruptedLeases = state.leases.count
      // A process that was killed leaves names that can be read and are not on disk: what follows builds on them.
      try disk.syncFolder(folder)
      try endIdentities(segments)
      try putAsideStrays()
      let removal = try expired()
      try finishOverwritings()
      var log = try openTail()
      if log.isSealed || log.mustRoll { try goOn(&log) }
      // What says that they are gone may have been in the tail, read and not on disk: now it is.
      upkeep.submit { [disk, folder, untrimmed] in
        removal?.run(disk, folder)
        for trimming in untrimmed { trimming.run(disk, folder) }
      }
      return log
    } catch let error as DiskError {
      throw .storage("\(error)")
    } catch let error as QueueError {
      throw error
    } catch {
      throw .storage("\(error)")
    }
  }

  /// Reads the whole log for who only wants to look; gives the segments' names, and what is wrong with those that are
  /// sealed as a scrub sees it, where it is asked for.
  mutating func readAll(scrubs: Bool) throws(QueueError) -> (segments: [String], sealed: [String: [Damage]]) {
    do {
      let segments = try segmentNames()
      try findOverwritings(segments)
      try readHeads(segments)
      try beginIdentities(segments)
      let ahead = try SegmentsAhead(
        disk, folder, segments, keys, state.duplicates.key, scrubs: scrubs)
      self.ahead = ahead
      let result = Result { try read(segments) }
      let sealed = ahead.end()
      try result.get()
      try compareWithCheckpoints()
      return (segments, sealed)
    } catch {
      throw error as? QueueError ?? .storage("\(error)")
    }
  }

  private mutating func read(_ segments: [String]) throws {
    for (index, name) in segments.enumerated() { try read(name, isLast: index == segments.count - 1) }
    if let missing = missingBeginning(segments) {
      report.damage.insert(
        Damage(.segment, Format.segmentName(missing.lowerBound), 0..<0, sequences: [missing]), at: 0)
    }
  }

  private func segmentNames() throws(DiskError) -> [String] {
    try disk.list(folder).filter { Format.firstSequence($0) != nil }.sorted()
  }

  /// A log that a later version wrote is left as it is.
  private mutating func readHeads(_ segments: [String]) throws {
    for name in segments {
      let bytes = try load(name, limit: Format.segmentHeadSize)
      guard let head = bytes.withUnsafeBytes({ SegmentHead($0) }) else { continue }
      if head.version != Format.version {
        throw QueueError.storage("\(name) has format version \(head.version); this program reads \(Format.version)")
      }
      try refuseLocked(name, head)
      if identityKey == nil { identityKey = head.identityKey }
    }
    let key = identityKey ?? .random()
    identityKey = key
    state = Self.emptyState(options, key)
  }

  /// So is a log that cannot be read without a key that is not there.
  private func refuseLocked(_ name: String, _ head: SegmentHead) throws {
    switch try keys.find(head, firstSequence: head.firstSequence, salt: head.salt) {
    case .locked(let id):
      throw QueueError.storage("\(name) is encrypted under key \(id), which is not among the keys that are given")
    case .newer(let version):
      throw QueueError.storage(
        "the key file of \(name) has version \(version); this program reads \(EncryptionKeyFile.version)")
    case .plain, .key, .lost: break
    }
  }

  static func emptyState(_ options: QueueOptions, _ key: IdentityKey) -> QueueState {
    QueueState(
      duplicateWindow: options.duplicateWindow * 1000, identityKey: key,
      identitiesInMemory: options.identitiesInMemory, suspectDelay: options.suspectDelay,
      destinations: options.destinations)
  }

  func load(_ name: String, limit: Int = .max) throws(DiskError) -> [UInt8] {
    var bytes = try disk.bytes(of: folder + "/" + name, limit: limit)
    overwritings[name]??.apply(to: &bytes)
    return bytes
  }

  // MARK: reading

  /// `place`: what stands before it in this segment is in the state already.
  mutating func read(_ name: String, isLast: Bool, from place: CheckpointHead? = nil) throws {
    guard let ahead else { return try read(ScannedSegment(load(name)), name, isLast: isLast, from: place) }
    try ahead.withNext { try read($0, name, isLast: isLast, from: place) }
  }

  private mutating func read(
    _ scanned: ScannedSegment, _ name: String, isLast: Bool, from place: CheckpointHead?
  ) throws {
    let head = scanned.head
    guard let salt = scanned.salt else {
      // A creation that a crash cut short, if it is the last: nothing was written to it yet.
      strays.append(name)
      if !isLast { report.damage.append(Damage(.segment, name, 0..<scanned.bytes.count)) }
      return
    }
    let earliest = place == nil ? chain?.number ?? 0 : 0
    if let head, head.firstSequence != Format.firstSequence(name) || head.firstBatch < earliest {
      strays.append(name)
      report.damage.append(Damage(.segment, name, 0..<scanned.bytes.count))
      return
    }
    if head == nil { report.damage.append(Damage(.segment, name, 0..<Format.segmentHeadSize)) }
    let first = Format.firstSequence(name) ?? 0
    let segment = place?.segment ?? names.append(first)
    if let head, place == nil { follow(head, name) }
    let found = try keys.find(head, firstSequence: first, salt: salt)
    let reading = SegmentReading(
      name: name, segment: segment, salt: salt, cipher: try keys.cipher(found, salt: salt), isLast: isLast,
      start: place.map { Int(clamping: $0.offset) } ?? 0)
    try reading.read(scanned, into: &self)
  }

  /// Checks that the segment begins where the one before ended, and names what is missing between them.
  private mutating func follow(_ head: SegmentHead, _ name: String) {
    if let chain, chain.number != head.firstBatch || chain.checksum != head.previous {
      var missing: [ClosedRange<UInt64>] = []
      if head.firstSequence > nextSequence { missing = [nextSequence...head.firstSequence - 1] }
      report.damage.append(Damage(.chain, name, 0..<Format.segmentHeadSize, sequences: missing))
    }
    openGap = nil
    chain = (head.firstBatch, head.previous)
    nextSequence = max(nextSequence, head.firstSequence)
  }

  /// Segments that a record says are gone, and their keys, where a crash came before their files were.
  private mutating func expired() throws(DiskError) -> Removal? {
    var expired: [SealedSegment] = []
    let tailFirst = tail.flatMap { Format.firstSequence($0.name) }
    while let oldest = sealed.first {
      let next = sealed.dropFirst().first?.firstSequence ?? tailFirst
      guard let next, next <= state.keptFrom else { break }
      expired.append(oldest)
      sealed.removeFirst()
    }
    let keys = try disk.list(folder).filter { name in
      Format.firstSequence(name, ending: ".key").map { first in
        first < state.keptFrom && !sealed.contains { $0.firstSequence == first } && tailFirst != first
      } ?? false
    }
    if expired.isEmpty, keys.isEmpty { return nil }
    return Removal(names: expired.map { Format.segmentName($0.firstSequence) }, keys: keys.sorted())
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
