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

  /// Opens the disk; hands out the images of the recovery's own storage calls.
  func judge(_ disk: FaultyDisk, onRecovery: ((String, DiskImage) -> Void)? = nil) async -> [String] {
    let images = Lock<[(String, DiskImage)]>([])
    if onRecovery != nil {
      disk.watch { number, name, disk in
        let image = disk.image
        if name != "pread" { images.withLock { $0.append(("\(number) \(name)", image)) } }
        return nil
      }
    }
    let clock = ManualClock()
    do {
      let queue = try FileQueue.open(
        folder: CrashWorkload.folder, disk: disk, clock: clock, options: CrashWorkload.options)
      disk.watch(nil)
      for (call, image) in images.withLock({ $0 }) { onRecovery?(call, image) }
      var wrong = try await look(queue)
      wrong += try await drain(queue, clock)
      await queue.close()
      return wrong.map { "\($0) [crash before \(point.call)\(during), seed \(seed)]" }
    } catch {
      return ["not opened: \(error) [crash before \(point.call)\(during), seed \(seed)]"]
    }
  }

  private func look(_ queue: FileQueue) async throws -> [String] {
    var wrong: [String] = []
    let ledger = point.ledger
    if queue.recovery.isCorrupt { wrong.append("corruption reported: \(queue.recovery.damage)") }
    let entries = try await queue.list(Filter(), after: nil, limit: 10_000)
    let stored = Set(entries.map(\.event))
    for event in Set(ledger.acknowledged) where !stored.contains(event) { wrong.append("lost \(event.id)") }
    let sent = Set(ledger.sent)
    for entry in entries where !sent.contains(entry.event) { wrong.append("invented \(entry.event.id)") }
    if stored.count != entries.count { wrong.append("doubled") }
    for entry in entries where !entry.isConflicting {
      if let state = ledger.settled[entry.event.id], entry.state != state {
        wrong.append("\(entry.event.id) was \(state), is \(entry.state)")
      }
      if entry.state.isWaiting, entry.attempts < ledger.attempts[entry.event.id] ?? 0 {
        wrong.append("an attempt of \(entry.event.id) is not counted")
      }
      if entry.state == .leased { wrong.append("\(entry.event.id) is leased to nobody") }
    }
    let counts = await queue.counts()
    let sum = counts.byState.values.reduce(0, +) + counts.duplicates + counts.expired
    if counts.received != sum || UInt64(entries.count) + counts.duplicates != sum { wrong.append("counts differ") }
    return wrong
  }

  /// Works on all that waits: order within lanes, notes, and no end of work.
  private func drain(_ queue: FileQueue, _ clock: ManualClock) async throws -> [String] {
    var wrong: [String] = []
    var last: [Lane: UInt64] = [:]
    clock.advance(milliseconds: 3_600_000)
    while true {
      let counts = await queue.counts()
      if counts.byState[.queued] == 0, counts.byState[.retrying] == 0 { break }
      for lease in try await queue.lease(lanes: 8, eventsPerLane: 8, except: []) {
        for entry in lease.events {
          if entry.sequence <= last[lease.lane] ?? 0 { wrong.append("lane \(lease.lane) out of order") }
          last[lease.lane] = entry.sequence
        }
        let head = lease.events[0]
        let noted = head.isConflicting ? [] : point.ledger.notes[head.event.id] ?? []
        if !noted.allSatisfy({ lease.notes.contains(Note($0)) }) { wrong.append("a note of \(head.event.id) is lost") }
        try await queue.settle(lease, .done(nil, then: []))
      }
    }
    let counts = await queue.counts()
    if counts.received != counts.byState.values.reduce(0, +) + counts.duplicates { wrong.append("counts differ") }
    return wrong
  }
}

extension EventState {
  fileprivate var isWaiting: Bool { self == .queued || self == .retrying }
}
