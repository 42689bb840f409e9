import Events
import Formats
import Posix

// Letting the oldest segment go: what nobody needs of it is said to be gone, on disk, before its file is removed.

/// A segment that is sealed and still there.
struct SealedSegment {
  /// In this process.
  let number: UInt32
  let firstSequence: UInt64
  let size: UInt64
  /// Of its last batch; milliseconds since 1970.
  let lastTime: Int64
}

/// What retention knows from turn to turn.
struct Retaining {
  /// When to look again; milliseconds since 1970.
  var nextLook: Int64 = 0
  /// A job reads what is to be carried on or kept longer.
  var isUnderWay = false
  /// What rules say of the oldest segment's events, once they were read.
  var times: (segment: UInt32, settled: [UInt64: Int64], parked: [UInt64: Int64])?
  /// Carrying on what stays pays up to this segment.
  var paidThrough: UInt32?
  static let interval: Int64 = 60_000
}

/// What a job found in the oldest segment.
struct OldEvents: Sendable {
  let segment: UInt32
  var carried: [Carried] = []
  /// Milliseconds by sequence, `.max` for good.
  var settled: [UInt64: Int64] = [:]
  var parked: [UInt64: Int64] = [:]
}

extension Writer {
  /// Looks at the oldest segment, once a minute.
  mutating func retain() throws(LogError) {
    let retention = options.retention
    guard wall >= retaining.nextLook, !retaining.isUnderWay, !retention.keepsAll else { return }
    retaining.nextLook = wall + Retaining.interval
    try endOldSegment(retention)
    guard let oldest = log.sealed.first else { return }
    let end = log.sealed.dropFirst().first?.firstSequence ?? log.firstSequence
    var judge = SegmentJudge(
      retention, retaining.times?.segment == oldest.number ? retaining.times : nil, state.parkedSince, wall)
    judge.isOverSize = retention.size.map { log.sealed.reduce(log.end) { $0 + $1.size } > $0 } ?? false
    judge.look(at: state.rows, before: end, in: oldest.number, log.sealed)
    if judge.isNeeded || !mayForget(before: end) { return }
    if !retention.rules.isEmpty, retaining.times?.segment != oldest.number { return read(oldest, []) }
    if !judge.carry.isEmpty {
      if retaining.paidThrough.map({ $0 < oldest.number }) ?? true {
        retaining.paidThrough = judge.paysThrough(state.rows, log.sealed, tailBegins: log.firstSequence)
      }
      if retaining.paidThrough != nil { read(oldest, judge.carry) }
      return
    }
    try expire(oldest, keptFrom: end, parked: judge.expired)
  }

  /// A segment in which little happens would never end, nor what is in it expire.
  private mutating func endOldSegment(_ retention: Retention) throws(LogError) {
    guard let settled = retention.settled, let began = log.seal.began, !log.isSealed, draft.isEmpty,
      wall - began >= max(settled * 250, 3_600_000)
    else { return }
    _ = try roll(0, isIntake: true)
  }

  /// Duplicates of its events have to be told without it: their identities have to be in runs, and those on disk.
  private mutating func mayForget(before end: UInt64) -> Bool {
    if state.duplicates.durableThrough + 1 >= end { return true }
    if state.duplicates.first < end { state.duplicates.freeze(through: draft.nextSequence - 1, at: wall) }
    return false
  }

  /// Reads what has to stay of the segment, and what the rules say of its events.
  private mutating func read(_ segment: SealedSegment, _ rows: [Row]) {
    retaining.isUnderWay = true
    let ends = Dictionary(uniqueKeysWithValues: log.sealed.map { ($0.number, $0.lastTime) })
    let parked = rows.map { row in
      ParkedRow(
        row: row, notes: state.notes[row.sequence] ?? [],
        since: state.parkedSince[row.sequence] ?? ends[row.reason.segment] ?? wall)
    }
    let job = OldEventsReading(
      disk: log.disk, folder: log.folder, names: log.names, keys: log.keys, segment: segment.number,
      retention: options.retention, parked: parked)
    let inbox = inbox
    log.upkeep.submit { _ = inbox.put(.oldEvents(job.run())) }
  }

  mutating func take(_ found: OldEvents) throws(LogError) -> Planned {
    retaining.isUnderWay = false
    retaining.nextLook = wall
    retaining.times = (found.segment, found.settled, found.parked)
    for carried in found.carried {
      guard let row = state.rows[carried.sequence], row.place.segment == found.segment,
        row.state == (carried.isDead ? .dead : .held)
      else { continue }
      let record = LogRecord.carried(carried)
      // What has no room now is looked at again.
      guard try room(Size.record(record), isIntake: false) == .yes else { break }
      draft.beginGroup()
      draft.put(record)
    }
    mustWrite = !draft.isEmpty
    return .planned
  }

  private mutating func expire(_ segment: SealedSegment, keptFrom: UInt64, parked: [UInt64]) throws(LogError) {
    var gone = UInt64(parked.count)
    state.rows.forEach(after: 0) { row in
      if row.sequence >= keptFrom { return false }
      if row.state == .done || row.state == .dropped { gone += 1 }
      return true
    }
    let expiry = Expiry(
      keptFrom: keptFrom, events: state.tally.expired + gone, duplicates: state.tally.duplicates, parked: parked)
    // What is paused may be said in this segment and nowhere else.
    let pauses = state.pauses.records
    let size = pauses.reduce(Size.record(.expired(expiry))) { $0 + Size.record($1) }
    guard try room(size, isIntake: false) == .yes else { return }
    draft.beginGroup()
    for record in pauses { draft.put(record) }
    draft.put(.expired(expiry))
    retaining.nextLook = wall
    removals.append(segment.number)
    mustWrite = true
  }

  /// The record is on disk: the file can go.
  mutating func remove(segment number: UInt32) {
    log.sealed.removeAll { $0.number == number }
    guard let name = log.names[number] else { return }
    let removal = Removal(names: [name], keys: [Format.keyName(Format.firstSequence(name) ?? 0)])
    let (disk, folder) = (log.disk, log.folder)
    _ = reader.submit { $0.forget(number) }
    log.upkeep.submit { removal.run(disk, folder) }
  }
}

/// Removes segments that a record says are gone, oldest first. Where it fails, the next start does it.
struct Removal {
  let names: [String]
  /// Of encrypted ones; not before the segments are gone for sure.
  let keys: [String]

  func run(_ disk: any Disk, _ folder: String) {
    do throws(DiskError) {
      for name in names { try disk.unlink(folder + "/" + name) }
      try disk.syncFolder(folder)
    } catch {
      return
    }
    for name in keys { try? disk.unlink(folder + "/" + name) }
  }
}

/// What the oldest segment's events still need.
struct SegmentJudge {
  /// Something waits, is worked on, or has to stay a while.
  private(set) var isNeeded = false
  /// Parked events that stay.
  private(set) var carry: [Row] = []
  /// Parked events whose time is over.
  private(set) var expired: [UInt64] = []
  var isOverSize = false

  private let retention: Retention
  private let times: (segment: UInt32, settled: [UInt64: Int64], parked: [UInt64: Int64])?
  private let parkedSince: [UInt64: Int64]
  private let now: Int64

  init(
    _ retention: Retention, _ times: (segment: UInt32, settled: [UInt64: Int64], parked: [UInt64: Int64])?,
    _ parkedSince: [UInt64: Int64], _ now: Int64
  ) {
    self.retention = retention
    self.times = times
    self.parkedSince = parkedSince
    self.now = now
  }

  mutating func look(at rows: RowTable, before end: UInt64, in segment: UInt32, _ sealed: [SealedSegment]) {
    let ends = Dictionary(uniqueKeysWithValues: sealed.map { ($0.number, $0.lastTime) })
    rows.forEach(after: 0) { row in
      if row.sequence >= end { return false }
      judge(row, in: segment, settledAt: ends[row.reason.segment] ?? now)
      return !isNeeded
    }
  }

  /// When it was settled is known by the segment of the record that says so: not later than that segment's end.
  private mutating func judge(_ row: Row, in segment: UInt32, settledAt: Int64) {
    switch row.state {
    case .queued, .leased, .retrying: if row.place.segment == segment { isNeeded = true }
    case .done, .dropped: if !maySettledGo(row, settledAt) { isNeeded = true }
    case .held, .dead:
      guard row.place.segment == segment else { return }
      if mayParkedGo(row, settledAt) { expired.append(row.sequence) } else { carry.append(row) }
    }
  }

  private func maySettledGo(_ row: Row, _ settledAt: Int64) -> Bool {
    isOverSize || isOver(times?.settled[row.sequence] ?? retention.longestSettled, since: settledAt)
  }

  private func mayParkedGo(_ row: Row, _ settledAt: Int64) -> Bool {
    let time = times?.parked[row.sequence] ?? (retention.rules.isEmpty ? retention.parked : nil).milliseconds
    return isOver(time, since: parkedSince[row.sequence] ?? settledAt)
  }

  private func isOver(_ time: Int64, since: Int64) -> Bool { time != .max && now >= since &+ time }

  /// Carrying on costs as much as it frees where a segment holds little else, and what it writes is a segment to be
  /// carried on again. So it has to lead to something: to an event whose time is over, in this segment or in one behind
  /// it that this one keeps, or to as many bytes in segments without an event as those have that are written again.
  /// Gives the number of the segment in which it does, nil where it does not.
  func paysThrough(_ rows: RowTable, _ sealed: [SealedSegment], tailBegins: UInt64) -> UInt32? {
    let places = Dictionary(uniqueKeysWithValues: sealed.enumerated().map { ($1.number, $0) })
    let ends = sealed.dropFirst().map(\.firstSequence) + [tailBegins]
    /// The first segment that is needed, and the first whose going lets an event go.
    var (needed, paying) = (sealed.count, sealed.count)
    var hasParked = [Bool](repeating: false, count: sealed.count)
    var index = 0
    rows.forEach(after: 0) { row in
      while index < needed, row.sequence >= ends[index] { index += 1 }
      guard index < needed else { return false }
      let settledAt = places[row.reason.segment].map { sealed[$0].lastTime } ?? now
      let place = places[row.place.segment]
      switch row.state {
      case .queued, .leased, .retrying: if let place { needed = min(needed, place) }
      case .done, .dropped:
        if maySettledGo(row, settledAt) { paying = min(paying, index) } else { needed = min(needed, index) }
      case .held, .dead:
        guard let place else { return true }
        if mayParkedGo(row, settledAt) { paying = min(paying, max(place, index)) } else { hasParked[place] = true }
      }
      return true
    }
    if paying < needed { return sealed[paying].number }
    var (written, freed): (UInt64, UInt64) = (0, 0)
    for (segment, hasParked) in zip(sealed, hasParked).prefix(needed) {
      if hasParked { written += segment.size } else { freed += segment.size }
      if freed >= written { return segment.number }
    }
    return nil
  }
}

extension Optional<Int64> {
  /// Of seconds; nil is for good.
  var milliseconds: Int64 { map { $0 &* 1000 } ?? .max }
}

extension Retention {
  /// Milliseconds, before it is known which rule is an event's: none is judged too short.
  fileprivate var longestSettled: Int64 { rules.isEmpty ? settled.milliseconds : 0 }
}

/// A parked event that is to be carried on, and what only the state knows of it.
struct ParkedRow: Sendable {
  let row: Row
  let notes: [String]
  /// When it was parked, at the latest; milliseconds since 1970.
  let since: Int64
}

/// Reads the oldest segment: what is to be carried on, and which time each of its events has.
struct OldEventsReading: Sendable {
  let disk: any Disk
  let folder: String
  let names: SegmentNames
  let keys: EncryptionKeys
  let segment: UInt32
  let retention: Retention
  let parked: [ParkedRow]

  /// So many bytes of events at once.
  private static let part = 1 << 20

  func run() -> OldEvents {
    var found = OldEvents(segment: segment)
    var reader = RecordReader(disk, folder, names, keys)
    defer { reader.close() }
    if !retention.rules.isEmpty { readTimes(&found, Inflater()) }
    var size = 0
    for one in parked where size < Self.part {
      let row = one.row
      // What cannot be read any more is in no file that could be kept: it stays known as damage.
      guard let entry = try? reader.entry(row) else { continue }
      var bytes: [UInt8] = []
      EventCoding.encode(entry.event, into: &bytes)
      if row.marks.contains(.conflicting) { bytes[3] |= EventCoding.conflicting }
      size += bytes.count
      found.carried.append(
        Carried(
          sequence: row.sequence, isDead: row.state == .dead, attempts: row.attempts, deaths: row.deaths,
          isSuspect: row.isSuspect, waited: row.waited, reason: entry.reason, notes: one.notes, event: bytes,
          since: one.since))
    }
    return found
  }

  private func readTimes(_ found: inout OldEvents, _ inflater: Inflater) {
    guard let name = names[segment], let bytes = try? disk.segment(folder, name) else { return }
    bytes.withUnsafeBytes { all in
      guard let head = SegmentHead(all),
        let key = try? keys.find(head, firstSequence: head.firstSequence, salt: head.salt),
        let cipher = try? keys.cipher(key, salt: head.salt)
      else { return }
      var scan = SegmentScan(all, salt: head.salt)
      while let next = scan.next() {
        guard case .batch(let head, _, let range) = next, head.kind == .records else { continue }
        SegmentScan.records(head, range, in: all) { frame in
          if let payload = cipher.open(frame, in: all) { note(frame, payload, inflater, &found) }
        }
      }
    }
  }

  private func note(
    _ frame: RecordFrame, _ payload: RecordPayload, _ inflater: Inflater, _ found: inout OldEvents
  ) {
    guard let (sequence, event) = StoredEvent.read(frame, payload, inflater) else { return }
    found.settled[sequence] = retention.time(event, isParked: false).milliseconds
    found.parked[sequence] = retention.time(event, isParked: true).milliseconds
  }
}

/// An event as a record has it, its own or one that carries it on.
enum StoredEvent {
  /// What is left of an event that was erased.
  static func erased(_ row: Row) -> Event {
    let (seconds, rest) = row.receivedAt.quotientAndRemainder(dividingBy: 1000)
    return Event(
      system: System(.json, ""), endpoint: "", id: "", kind: .json, key: "", subject: "",
      receivedAt: Instant(secondsSince1970: seconds, nanoseconds: Int32(rest) * 1_000_000), payload: [])
  }

  static func read(
    _ frame: RecordFrame, _ payload: RecordPayload, _ inflater: Inflater
  ) -> (sequence: UInt64, event: Event)? {
    switch LogRecord.Kind(rawValue: frame.kind) {
    case .event: return EventCoding.decode(payload, inflater).map { (frame.sequence, $0) }
    case .carried:
      guard case .carried(let carried) = LogRecord.decode(.carried, payload.bytes) else { return nil }
      return carried.event.withUnsafeBytes { EventCoding.decode(RecordPayload($0), inflater) }.map {
        (carried.sequence, $0)
      }
    default: return nil
    }
  }
}
