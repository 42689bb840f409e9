import Events
import Formats
import Posix
import Queue
import Support

/// What a client of the queue was told, and what it asked for: what a recovery is judged by.
struct ClientLedger: Sendable {
  /// By id and body: everything that was ever sent.
  var sent: [Event] = []
  /// What the queue said is stored.
  var acknowledged: [Event] = []
  /// What the target was made to do, each time that it was: the effect comes before the settlement that says so.
  var effects: [String: Int] = [:]
  /// Events whose settlement was acknowledged.
  var settled: [String: EventState] = [:]
  /// Notes that were acknowledged, of events that are not done.
  var notes: [String: [String]] = [:]
  /// Events that were asked to be erased, and those that are.
  var erasing: Set<String> = []
  var erased: Set<String> = []
  /// Leases that were handed out.
  var attempts: [String: Int] = [:]
  /// Parts that are paused, and those of which nobody was told yet whether they are.
  var paused: Set<WorkPart> = []
  var pausing: Set<WorkPart> = []
  /// Events that a person retried, each call by itself: all of them are open again, or none.
  var retrying: [(ids: Set<String>, isAcknowledged: Bool)] = []
  var isBulk: Set<String> = []
}

/// The disk and the ledger as they were before a storage call.
struct CrashPoint: Sendable {
  let call: String
  let image: DiskImage
  let ledger: ClientLedger
  /// What the clock showed.
  let time: Instant
  let options: QueueOptions
  /// What was sealed until then, where the workload is watched for it.
  var sealed = SealingMonitor.Seen()
}

/// One client, one call at a time: ingest, duplicates, leases, notes, settling with more events, retries, dead and held
/// events, changes, pauses, retries over a time, replays, priorities, new segments, idle marks, closing and opening again.
final class CrashWorkload: Sendable {
  static let folder = "/data/queue"
  static var options: QueueOptions {
    var options = QueueOptions()
    options.suspectDelay = 0
    options.segmentSize = 6144
    options.reserve = 512
    options.minimumFree = 0
    options.checkpointAfter = 1500
    options.retention.settled = nil
    options.identitiesInMemory = 12
    return options
  }

  /// Calls that leave the disk as it is: a crash before one is the crash before the next.
  static let readOnly = ["mkdir", "open", "pread", "fstat", "readdir"]

  let disk = FaultyDisk()
  let clock = ManualClock()
  let ledger = Lock(ClientLedger())
  let points = Lock<[CrashPoint]>([])
  let planted: any Disk
  let monitor: SealingMonitor?
  let options: QueueOptions

  init(_ bug: PlantedDisk.Bug? = nil) {
    if let bug { planted = PlantedDisk(disk, bug) } else { planted = disk }
    monitor = nil
    options = Self.options
  }

  /// With records that are encrypted, and a watch on all that is.
  init(_ key: KeyEncryptionKey) {
    let monitor = SealingMonitor(disk, key)
    self.monitor = monitor
    planted = monitor
    var options = Self.options
    options.encryption = QueueEncryption(current: key)
    self.options = options
  }

  init(_ options: QueueOptions) {
    planted = disk
    monitor = nil
    self.options = options
  }

  /// Every storage call of the workload, with what was on disk before it; and the end. `letsGo`: nothing that waits keeps
  /// the oldest segments, so they go.
  func run(letsGo: Bool = false) async throws -> [CrashPoint] {
    watch()
    try await first(open())
    try await second(open())
    if letsGo { clock.advance(milliseconds: 120_000) }
    try await third(open(keeping: 86_400))
    try await fourth(open())
    remember("end", disk)
    return points.withLock { $0 }
  }

  func watch() {
    disk.watch { [self] number, name, disk in
      if !Self.readOnly.contains(name) { remember("\(number) \(name)", disk) }
      return nil
    }
  }

  func remember(_ call: String, _ disk: FaultyDisk) {
    var point = CrashPoint(
      call: call, image: disk.image, ledger: ledger.withLock { $0 }, time: clock.wall(), options: options)
    if let monitor { point.sealed = monitor.seen }
    points.withLock { $0.append(point) }
  }

  func open(keeping settled: Int64? = nil) throws -> FileQueue {
    var options = options
    options.retention.settled = settled
    return try FileQueue.open(folder: Self.folder, disk: planted, clock: clock, options: options)
  }

  private func first(_ queue: FileQueue) async throws {
    try await append(queue, [event("a1", "A", 200)])
    try await append(queue, [event("a2", "A", 700), event("b1", "B", 40), event("a3", "A", 1)])
    try await append(queue, [event("a1", "A", 200), event("b1", "B", 40)])
    let leases = try await lease(queue, 1, 1)
    try await note(queue, leases[0], "intent create")
    try await settle(queue, leases[0], .done(nil, then: [event("r1", "pair", 300, .run), event("b1", "B", 40)]))
    let more = try await lease(queue, 8, 1)
    try await note(queue, more[0], "intent update")
    try await settle(queue, more[0], .retry(at: clock.wall().adding(seconds: 60), why, counts: true))
    try await settle(queue, more[1], .dead(why))
    for index in 0..<6 { try await append(queue, [event("c\(index)", "C", 1400 + index)]) }
    try await idle(queue)
    try await append(queue, [event("a4", "A", 90)])
    // Leased when the process ends: their attempt is counted.
    _ = try await lease(queue, 8, 4)
    // An orderly end takes the attempts back.
    ledger.withLock { $0.attempts = [:] }
    await queue.close()
  }

  private func second(_ queue: FileQueue) async throws {
    try await append(queue, [event("a1", "A", 201), event("c0", "C", 1400)])
    let leases = try await lease(queue, 3, 2)
    try await settle(queue, leases[0], .held(why))
    // What a person retries begins anew.
    ledger.withLock { ledger in
      ledger.settled = ledger.settled.filter { $0.value == .done }
      ledger.attempts = [:]
    }
    _ = try await queue.change(Filter(states: [.dead, .held]), .retry())
    try await append(queue, [event("d1", "D", 5200)])
    try await settle(queue, leases[1], .done(why, then: [event("r2", "pair", 10, .run)]))
    try await idle(queue)
    try await append(queue, [event("d2", "D", 20)])
    ledger.withLock { $0.attempts = [:] }
    await queue.close()
  }

  /// Much is settled and goes; what is dead or held is carried on.
  private func third(_ queue: FileQueue) async throws {
    for lease in try await lease(queue, 9, 9) {
      let head = lease.events[0].event.id
      try await settle(queue, lease, head == "c0" ? .dead(why) : head == "d1" ? .held(why) : .done(nil, then: []))
    }
    clock.advance(milliseconds: 2 * 86_400_000)
    for _ in 0..<4 { try await idle(queue) }
    try await append(queue, [secret("e1"), event("e2", "E", 30), secret("e3")])
    let leases = try await lease(queue, 1, 1)
    try await note(queue, leases[0], "intent: " + String(decoding: Self.secret, as: UTF8.self))
    try await append(queue, [secret("s1")])
    try await erase(queue, ["e1", "e3", "s1"])
    try await append(queue, [event("e4", "E", 30)])
    await queue.close()
  }

  /// Parts are paused; a person retries and replays.
  private func fourth(_ queue: FileQueue) async throws {
    try await pause(queue, .lane(Lane(system: System(.json, "in"), key: "P")), true)
    try await append(queue, [event("p1", "P", 30), event("p2", "P", 31), event("q1", "Q", 20, .json, .bulk)])
    try await pause(queue, .destination(System(.json, "in")), true)
    try await pause(queue, .lane(Lane(system: System(.json, "in"), key: "P")), false)
    try await pause(queue, .destination(System(.json, "in")), false)
    try await pause(queue, .flow("s"), true)
    for (index, lease) in try await lease(queue, 8, 1).enumerated() {
      try await settle(queue, lease, index < 3 ? .held(why) : .done(nil, then: []))
    }
    try await retry(queue, Filter(states: [.held]), Retry(over: 60_000))
    try await retry(queue, Filter(states: [.done], key: "Q"), Retry(replays: true, isForced: true))
    _ = try await lease(queue, 2, 2)
    try await append(queue, [event("p3", "P", 10)])
  }

  static let secret = Array("Ada Lovelace".utf8)

  func secret(_ id: String) -> Event {
    var event = event(id, "E", 60)
    event.payload += Self.secret
    return event
  }

  static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    var at = 0
    while let start = bytes[at...].firstIndex(of: needle[0]) {
      if bytes[start...].starts(with: needle) { return true }
      at = start + 1
    }
    return false
  }

  func erase(_ queue: FileQueue, _ ids: Set<String>) async throws {
    ledger.withLock { ledger in
      ledger.erasing.formUnion(ids)
      ledger.retrying.removeAll { !$0.ids.isDisjoint(with: ids) }
    }
    let text = String(decoding: Self.secret, as: UTF8.self)
    _ = try await queue.change(Filter(), .erase(containing: text, Reason("erased", .none, "It was asked for.")))
    ledger.withLock { ledger in
      ledger.erased.formUnion(ids)
      for id in ids { ledger.notes[id] = nil }
    }
  }

  let why = Reason("busy", .busy, "It is busy.", side: .netsuite)

  func event(
    _ id: String, _ key: String, _ size: Int, _ kind: Event.Kind = .json, _ priority: Event.Priority = .interactive
  ) -> Event {
    var random = SeededRandom(seed: UInt64(size))
    let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
    return Event(
      system: System(.json, "in"), endpoint: "in", id: id, kind: kind, key: key, subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: payload, priority: priority)
  }

  // MARK: calls, each with what the client then knows

  func append(_ queue: FileQueue, _ events: [Event]) async throws {
    let known = ledger.withLock { ledger in
      ledger.sent += events
      return Set(ledger.acknowledged.map(\.id))
    }
    _ = try await queue.append(events)
    ledger.withLock { ledger in
      ledger.acknowledged += events
      for event in events where event.priority == .bulk && !known.contains(event.id) { ledger.isBulk.insert(event.id) }
    }
  }

  func pause(_ queue: FileQueue, _ part: WorkPart, _ isPaused: Bool) async throws {
    ledger.withLock { _ = $0.pausing.insert(part) }
    _ = isPaused ? try await queue.pause(part) : try await queue.resume(part)
    ledger.withLock { ledger in
      ledger.pausing.remove(part)
      if isPaused { ledger.paused.insert(part) } else { ledger.paused.remove(part) }
    }
  }

  /// What a person retries begins anew.
  func retry(_ queue: FileQueue, _ filter: Filter, _ retry: Retry) async throws {
    let chosen = try await queue.list(filter, after: nil, limit: 100).filter { !$0.isConflicting }
    let ids = Set(chosen.map(\.event.id))
    ledger.withLock { ledger in
      for id in ids { (ledger.settled[id], ledger.attempts[id], ledger.effects[id]) = (nil, nil, nil) }
      ledger.retrying.removeAll { !$0.ids.isDisjoint(with: ids) }
      ledger.retrying.append((ids, false))
    }
    _ = try await queue.change(filter, .retry(retry))
    ledger.withLock { ledger in
      ledger.retrying[ledger.retrying.count - 1].isAcknowledged = true
      if retry.over > 0 { ledger.isBulk.formUnion(ids) } else { ledger.isBulk.subtract(ids) }
    }
  }

  func lease(_ queue: FileQueue, _ lanes: Int, _ events: Int) async throws -> [Lease] {
    let leases = try await queue.lease(lanes: lanes, eventsPerLane: events, except: [])
    ledger.withLock { ledger in
      for lease in leases {
        for entry in lease.events { ledger.attempts[entry.event.id] = entry.attempts }
      }
    }
    return leases
  }

  func note(_ queue: FileQueue, _ lease: Lease, _ text: String) async throws {
    try await queue.note(lease, Note(text))
    ledger.withLock { $0.notes[lease.events[0].event.id, default: []].append(text) }
  }

  func settle(_ queue: FileQueue, _ lease: Lease, _ outcome: Outcome) async throws {
    try await settle(queue, [Ending(lease, outcome)])
  }

  func settle(_ queue: FileQueue, _ endings: [Ending]) async throws {
    let asked = endings.map { ask($0.lease, $0.outcome) }
    for error in await queue.settle(endings) { if let error { throw error } }
    ledger.withLock { ledger in
      for (more, ids, final) in asked {
        ledger.acknowledged += more
        for id in ids { ledger.settled[id] = final }
      }
    }
  }

  /// What will be there once it has ended; before, it may be.
  private func ask(_ lease: Lease, _ outcome: Outcome) -> (more: [Event], ids: [String], final: EventState?) {
    let ids = lease.events.map(\.event.id)
    var then: [Event] = []
    var state: EventState?
    switch outcome {
    case .done(_, let events): (then, state) = (events, .done)
    case .held: state = .held
    case .dead: state = .dead
    case .retry: state = nil
    }
    let more = then
    let final = state
    ledger.withLock { ledger in
      ledger.sent += more
      if final == .done {
        for id in ids { ledger.notes[id] = nil }
        for entry in lease.events where !entry.isConflicting { ledger.effects[entry.event.id, default: 0] += 1 }
      }
      ledger.retrying.removeAll { !$0.ids.isDisjoint(with: ids) }
      // The attempt was not the event's own.
      if case .retry(_, _, counts: false) = outcome { for id in ids { ledger.attempts[id] = nil } }
    }
    return (more, ids, final)
  }

  func idle(_ queue: FileQueue) async throws {
    clock.advance(milliseconds: 100)
    // Two questions behind each other: the mark was written before the second was answered.
    for _ in 0..<2 { _ = try await queue.list(Filter(), after: nil, limit: 1) }
  }
}
