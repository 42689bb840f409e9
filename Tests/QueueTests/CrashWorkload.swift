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
  /// Events whose settlement was acknowledged.
  var settled: [String: EventState] = [:]
  /// Notes that were acknowledged, of events that are not done.
  var notes: [String: [String]] = [:]
  /// Leases that were handed out.
  var attempts: [String: Int] = [:]
}

/// The disk and the ledger as they were before a storage call.
struct CrashPoint: Sendable {
  let call: String
  let image: DiskImage
  let ledger: ClientLedger
}

/// One client, one call at a time: ingest, duplicates, leases, notes, settling with more events, retries, dead and held
/// events, changes, new segments, idle marks, closing and opening again.
final class CrashWorkload: Sendable {
  static let folder = "/data/queue"
  static var options: QueueOptions {
    var options = QueueOptions()
    options.suspectDelay = 0
    options.segmentSize = 6144
    options.reserve = 512
    options.minimumFree = 0
    return options
  }

  let disk = FaultyDisk()
  let clock = ManualClock()
  private let ledger = Lock(ClientLedger())
  private let points = Lock<[CrashPoint]>([])
  private let planted: any Disk

  init(_ bug: PlantedDisk.Bug? = nil) {
    if let bug { planted = PlantedDisk(disk, bug) } else { planted = disk }
  }

  /// Every storage call of the workload, with what was on disk before it; and the end.
  func run() async throws -> [CrashPoint] {
    disk.watch { [self] number, name, disk in
      if name != "pread" { remember("\(number) \(name)", disk) }
      return nil
    }
    try await first(open())
    try await second(open())
    remember("end", disk)
    return points.withLock { $0 }
  }

  private func remember(_ call: String, _ disk: FaultyDisk) {
    let point = CrashPoint(call: call, image: disk.image, ledger: ledger.withLock { $0 })
    points.withLock { $0.append(point) }
  }

  private func open() throws -> FileQueue {
    try FileQueue.open(folder: Self.folder, disk: planted, clock: clock, options: Self.options)
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
    _ = try await queue.change(Filter(states: [.dead, .held]), .retry)
    try await append(queue, [event("d1", "D", 5200)])
    try await settle(queue, leases[1], .done(why, then: [event("r2", "pair", 10, .run)]))
    try await idle(queue)
    try await append(queue, [event("d2", "D", 20)])
  }

  let why = Reason("busy", .busy, "It is busy.", side: .netsuite)

  private func event(_ id: String, _ key: String, _ size: Int, _ kind: Event.Kind = .json) -> Event {
    var random = SeededRandom(seed: UInt64(size))
    let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
    return Event(
      system: System(.json, "in"), endpoint: "in", id: id, kind: kind, key: key, subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: payload)
  }

  // MARK: calls, each with what the client then knows

  private func append(_ queue: FileQueue, _ events: [Event]) async throws {
    ledger.withLock { $0.sent += events }
    _ = try await queue.append(events)
    ledger.withLock { $0.acknowledged += events }
  }

  private func lease(_ queue: FileQueue, _ lanes: Int, _ events: Int) async throws -> [Lease] {
    let leases = try await queue.lease(lanes: lanes, eventsPerLane: events, except: [])
    ledger.withLock { ledger in
      for lease in leases {
        for entry in lease.events { ledger.attempts[entry.event.id] = entry.attempts }
      }
    }
    return leases
  }

  private func note(_ queue: FileQueue, _ lease: Lease, _ text: String) async throws {
    try await queue.note(lease, Note(text))
    ledger.withLock { $0.notes[lease.events[0].event.id, default: []].append(text) }
  }

  private func settle(_ queue: FileQueue, _ lease: Lease, _ outcome: Outcome) async throws {
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
      if final == .done { for id in ids { ledger.notes[id] = nil } }
    }
    try await queue.settle(lease, outcome)
    ledger.withLock { ledger in
      ledger.acknowledged += more
      for id in ids { ledger.settled[id] = final }
    }
  }

  private func idle(_ queue: FileQueue) async throws {
    clock.advance(milliseconds: 100)
    // Two questions behind each other: the mark was written before the second was answered.
    for _ in 0..<2 { _ = try await queue.list(Filter(), after: nil, limit: 1) }
  }
}
