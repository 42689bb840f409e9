import Events
import Formats
import Foundation
import Glibc
import Posix
import Queue
import Support

/// Many clients at once, by the machine's clock. What each client was told is in the ledger; the disk is kept as it was
/// before storage calls, some of them.
final class ConcurrentLife: Sendable {
  let disk = FaultyDisk()
  let ledger = Lock(ClientLedger())
  let points = Lock<[CrashPoint]>([])
  /// Of batches.
  let syncs = Lock(0)
  let options: QueueOptions
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    var options = CrashWorkload.options
    options.segmentSize = 65_536
    options.reserve = 4096
    options.idleDelay = 5
    options.identitiesInMemory = 192
    self.options = options
  }

  /// One call in `oneIn` is a point. `fault` may answer instead of the disk.
  func watch(oneIn: Int, fault: @escaping @Sendable (String) -> FaultyDisk.Fault? = { _ in nil }) {
    let random = Lock(SeededRandom(seed: seed))
    disk.watch { [self] number, name, disk in
      if name == "fdatasync", Self.threadName == "queue-write" {
        syncs.withLock { $0 += 1 }
        Self.sync()
      }
      let isPoint = random.withLock { Int.random(in: 0..<oneIn, using: &$0) == 0 }
      if isPoint, !CrashWorkload.readOnly.contains(name) {
        // In this order: what is on the image was sent before, and what was acknowledged is on it.
        var known = ledger.withLock { $0 }
        let image = disk.image
        known.sent = ledger.withLock { $0.sent }
        let point = CrashPoint(
          call: "\(number) \(name)", image: image, ledger: known, time: MachineClock().wall(), options: options)
        points.withLock { $0.append(point) }
      }
      return fault(name)
    }
  }

  /// Takes its time, as on a disk: a batch waits for others in proportion to it.
  private static func sync() {
    let end = MachineClock().monotonic() + 2_000_000
    while MachineClock().monotonic() < end { sched_yield() }
  }

  static var threadName: String {
    (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8))?.filter { $0 != "\n" } ?? ""
  }

  func open() throws -> FileQueue {
    try FileQueue.open(folder: CrashWorkload.folder, disk: disk, clock: MachineClock(), options: options)
  }

  /// Appends, some of them again while they may still be on their way, and works on what there is, until all is sent. Calls
  /// that the queue refused are counted.
  func run(_ queue: FileQueue, clients: Int, events: Int) async -> Int {
    await withTaskGroup(of: Int.self) { group in
      for client in 0..<clients {
        group.addTask { [self] in
          var refused = 0
          var random = SeededRandom(seed: seed &+ UInt64(client) &* 7919)
          for number in 0..<events {
            do throws(QueueError) { try await step(queue, client, number, &random) } catch { refused += 1 }
          }
          return refused
        }
      }
      return await group.reduce(0, +)
    }
  }

  private func step(
    _ queue: FileQueue, _ client: Int, _ number: Int, _ random: inout SeededRandom
  ) async throws(QueueError) {
    if Int.random(in: 0..<4, using: &random) == 0 { return try await work(queue, &random) }
    // Every fifth is the neighbour's too: both send it, at about the same time.
    let name = number.isMultiple(of: 5) ? "shared\(client / 2)-\(number)" : "c\(client)-\(number)"
    let event = Self.event(name, lane: "L\(client / 2 % 24)")
    ledger.withLock { $0.sent.append(event) }
    let accepted = try await queue.append([event])
    ledger.withLock { $0.acknowledged.append(event) }
    if accepted[0].verdict == .stored, !stored.withLock({ $0.insert(name).inserted }) {
      twice.withLock { $0.append(name) }
    }
  }

  /// Names that were said to be stored; and those that were so twice.
  private let stored = Lock<Set<String>>([])
  let twice = Lock<[String]>([])
  /// Lanes that somebody has a lease of; and those that two had.
  private let held = Lock<Set<Lane>>([])
  let doubly = Lock<[Lane]>([])

  private func work(_ queue: FileQueue, _ random: inout SeededRandom) async throws(QueueError) {
    guard await queue.counts().byState[.queued, default: 0] > 64 else { return }
    let leases = try await queue.lease(lanes: 2, eventsPerLane: 3, except: [])
    for lease in leases {
      if !held.withLock({ $0.insert(lease.lane).inserted }) { doubly.withLock { $0.append(lease.lane) } }
      ledger.withLock { ledger in
        for entry in lease.events { ledger.attempts[entry.event.id] = entry.attempts }
      }
    }
    var endings: [Ending] = []
    for lease in leases {
      let isHeld = Int.random(in: 0..<8, using: &random) == 0
      held.withLock { _ = $0.remove(lease.lane) }
      if !isHeld {
        ledger.withLock { ledger in
          for entry in lease.events { ledger.effects[entry.event.id, default: 0] += 1 }
        }
      }
      endings.append(Ending(lease, isHeld ? .held(Reason("busy", .busy, "It is busy.")) : .done(nil, then: [])))
    }
    try await settle(queue, endings)
  }

  /// Until the disk has room for all of them.
  private func settle(_ queue: FileQueue, _ endings: [Ending]) async throws(QueueError) {
    var left = endings
    while !left.isEmpty {
      var refused: [Ending] = []
      for (ending, error) in zip(left, await queue.settle(left)) {
        if let error, error != .full { throw error }
        if error != nil { refused.append(ending) } else { note(ending) }
      }
      left = refused
    }
  }

  private func note(_ ending: Ending) {
    var isHeld = false
    if case .held = ending.outcome { isHeld = true }
    let state: EventState = isHeld ? .held : .done
    ledger.withLock { ledger in
      for entry in ending.lease.events { ledger.settled[entry.event.id] = state }
    }
  }

  static func event(_ id: String, lane: String) -> Event {
    Event(
      system: System(.json, "in"), endpoint: "in", id: id, kind: .json, key: lane, subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: Array("{\"id\":\"\(id)\"}".utf8))
  }
}
