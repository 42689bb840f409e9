import Events
import Formats
import Posix
import Queue
import Support

/// Opens what a crash left behind and says what the client was promised and did not get.
struct CrashOracle {
  let point: CrashPoint
  let seed: UInt64
  /// Where set, the crash happened while the crash before was being recovered from.
  var during = ""
  /// Stands before the disk.
  var watch: (FaultyDisk) -> any Disk = { $0 }

  /// Opens the disk; hands out the images of the recovery's own storage calls.
  func judge(_ disk: FaultyDisk, onRecovery: ((String, DiskImage) -> Void)? = nil) async -> [String] {
    let images = Lock<[(String, DiskImage)]>([])
    if onRecovery != nil {
      disk.watch { number, name, disk in
        let image = disk.image
        if !CrashWorkload.readOnly.contains(name) { images.withLock { $0.append(("\(number) \(name)", image)) } }
        return nil
      }
    }
    let clock = ManualClock(wall: point.time)
    do {
      let isErased = { (disk: FaultyDisk) in
        disk.image.paths.allSatisfy { path in
          !path.hasSuffix(".log") || !CrashWorkload.contains(disk.image[path] ?? [], CrashWorkload.secret)
        }
      }
      let queue = try FileQueue.open(
        folder: CrashWorkload.folder, disk: watch(disk), clock: clock, options: point.options)
      disk.watch(nil)
      for (call, image) in images.withLock({ $0 }) { onRecovery?(call, image) }
      var wrong = try await look(queue)
      wrong += try await repeatAll(queue)
      wrong += try await drain(queue, clock)
      await queue.close()
      if !point.ledger.erased.isEmpty, !isErased(disk) { wrong.append("something erased is still there") }
      return wrong.map { "\($0) [crash before \(point.call)\(during), seed \(seed)]" }
    } catch {
      return ["not opened: \(error) [crash before \(point.call)\(during), seed \(seed)]"]
    }
  }

  private func look(_ queue: FileQueue) async throws -> [String] {
    var wrong: [String] = []
    let ledger = point.ledger
    if queue.recovery.isCorrupt { wrong.append("corruption reported: \(queue.recovery.damage)") }
    var entries: [Entry] = []
    var counts: Counts
    // Retention works from the first moment on.
    repeat {
      counts = await queue.counts()
      entries = try await queue.list(Filter(), after: nil, limit: 10_000)
    } while await queue.counts() != counts
    let erased = entries.filter { $0.reason?.code == "erased" }
    let stored = Set(entries.map(\.event.atAnyPriority)).subtracting(erased.map(\.event.atAnyPriority))
    let missing = Set(ledger.acknowledged.map(\.atAnyPriority)).subtracting(stored)
    for event in missing where ledger.settled[event.id] != .done && !ledger.erasing.contains(event.id) {
      wrong.append("lost \(event.id), settled: \(ledger.settled[event.id]?.rawValue ?? "not")")
    }
    for event in stored where ledger.erased.contains(event.id) { wrong.append("\(event.id) is not erased") }
    if missing.count > Int(counts.expired) + erased.count {
      wrong.append("lost \(missing.map(\.id)), \(counts.expired) expired")
    }
    let sent = Set(ledger.sent.map(\.atAnyPriority))
    for event in stored where !sent.contains(event) { wrong.append("invented \(event.id)") }
    if stored.count + erased.count != entries.count { wrong.append("doubled") }
    for entry in entries where !entry.isConflicting {
      if let state = ledger.settled[entry.event.id], entry.state != state {
        wrong.append("\(entry.event.id) was \(state), is \(entry.state)")
      }
      if entry.state.isWaiting, entry.attempts < ledger.attempts[entry.event.id] ?? 0 {
        wrong.append("an attempt of \(entry.event.id) is not counted")
      }
      if entry.state == .leased { wrong.append("\(entry.event.id) is leased to nobody") }
    }
    wrong += requested(entries.filter { !$0.isConflicting })
    let paused = Set(try await queue.pauses().map(\.part))
    if paused.symmetricDifference(ledger.paused).contains(where: { !ledger.pausing.contains($0) }) {
      wrong.append("paused is \(paused), not \(ledger.paused)")
    }
    if counts.unaccounted != 0 { wrong.append("\(counts.unaccounted) are not accounted for") }
    let sum = counts.byState.values.reduce(0, +) + counts.duplicates + counts.expired
    if counts.received != sum || UInt64(entries.count) + counts.duplicates + counts.expired != sum {
      wrong.append("counts differ")
    }
    return wrong
  }

  /// What was acknowledged comes again.
  private func repeatAll(_ queue: FileQueue) async throws -> [String] {
    var wrong: [String] = []
    for event in point.ledger.acknowledged {
      let again = try await queue.append([event])
      if again.contains(where: { $0.verdict != .duplicate }) { wrong.append("stored twice: \(event.id)") }
    }
    return wrong
  }

  /// A retry that was asked for is for all of its events, or for none; what was said to be bulk is.
  private func requested(_ entries: [Entry]) -> [String] {
    var wrong: [String] = []
    for (ids, isAcknowledged) in point.ledger.retrying {
      let open = entries.filter { ids.contains($0.event.id) && $0.state.isWaiting }
      let isAsked = open.count == ids.count
      let isLater = ids.contains { point.ledger.settled[$0] != nil }
      if !isAsked, !isLater, isAcknowledged || !open.isEmpty { wrong.append("\(open.count) of \(ids) are retried") }
    }
    let isSettled = point.ledger.retrying.allSatisfy(\.isAcknowledged)
    for entry in entries
    where isSettled && (entry.event.priority == .bulk) != point.ledger.isBulk.contains(entry.event.id) {
      if point.ledger.acknowledged.contains(where: { $0.id == entry.event.id }) {
        wrong.append("\(entry.event.id) has lost its priority")
      }
    }
    return wrong
  }

  /// Works on all that waits: order within lanes, notes, and no end of work. The target counts what it is made to do: once
  /// for each event, and once more only where the crash came before the settlement was acknowledged.
  private func drain(_ queue: FileQueue, _ clock: ManualClock) async throws -> [String] {
    var wrong: [String] = []
    var last: [Lane: UInt64] = [:]
    var effects = point.ledger.effects
    clock.advance(milliseconds: 3_600_000)
    for pause in try await queue.pauses() { _ = try await queue.resume(pause.part) }
    while true {
      let counts = await queue.counts()
      if counts.byState[.queued] == 0, counts.byState[.retrying] == 0 { break }
      let late = try await queue.list(Filter(states: [.retrying]), after: nil, limit: 1_000).filter {
        $0.dueAt.map { $0 > clock.wall() } ?? false
      }
      // Nobody moves the clock on: who asked for a lease would wait for ever.
      if !late.isEmpty { return wrong + ["\(late.map(\.event.id)) are not due after an hour"] }
      for lease in try await queue.lease(lanes: 8, eventsPerLane: 8, except: []) {
        for entry in lease.events {
          if entry.sequence <= last[lease.lane] ?? 0 { wrong.append("lane \(lease.lane) out of order") }
          last[lease.lane] = entry.sequence
          if entry.isConflicting { continue }
          let id = entry.event.id
          effects[id, default: 0] += 1
          let isOpen = point.ledger.settled[id] != .done && (point.ledger.effects[id] ?? 0) > 0
          if effects[id] ?? 0 > (isOpen ? 2 : 1) { wrong.append("\(id) has its effect \(effects[id] ?? 0) times") }
        }
        let head = lease.events[0]
        let noted = head.isConflicting ? [] : point.ledger.notes[head.event.id] ?? []
        if !noted.allSatisfy({ lease.notes.contains(Note($0)) }) { wrong.append("a note of \(head.event.id) is lost") }
        try await queue.settle(lease, .done(nil, then: []))
      }
    }
    let counts = await queue.counts()
    let sum = counts.byState.values.reduce(0, +) + counts.duplicates + counts.expired
    if counts.received != sum { wrong.append("counts differ") }
    return wrong
  }
}

extension Event {
  /// A retry may change it.
  fileprivate var atAnyPriority: Event {
    var event = self
    event.priority = .interactive
    return event
  }
}

extension EventState {
  fileprivate var isWaiting: Bool { self == .queued || self == .retrying }
}
