import CBench
import Events
import Formats
import Queue
import Synchronization

/// The queue through its public interface: every caller is a task that appends one event at a time and waits for the
/// answer. Work is done as the product's dispatcher does it: as many lanes as may be worked at are leased in one call, and
/// each is settled by a task of its own.
struct Contestant {
  private let folder: String
  private var queue: FileQueue
  private let sent = Numbers()
  private let told = Numbers()
  private let settled = Numbers()

  init(folder: String) throws {
    self.folder = folder
    queue = try FileQueue.open(folder: folder)
  }

  func close() async { await queue.close() }

  func append(callers: Int, seconds: Double) async throws -> PhaseResult {
    let (queue, sent, told) = (queue, sent, told)
    return try await PhaseResult.of(callers, seconds) {
      let event = Self.event(sent.next())
      let began = bench_now()
      let accepted = try await queue.append([event])
      let took = bench_now() - began
      if accepted[0].verdict == .duplicate { _ = told.next() }
      return [took]
    }
  }

  func work(callers: Int, seconds: Double) async throws -> PhaseResult {
    let dispatchers = min(2, callers)
    let left = Numbers(limit: await waiting())
    return try await PhaseResult.of(dispatchers, seconds) { [queue, settled] in
      var lanes = 0
      while lanes < callers / dispatchers, left.take() { lanes += 1 }
      if lanes == 0 { return nil }
      let began = bench_now()
      let leases = try await queue.lease(lanes: lanes, eventsPerLane: 1, except: [])
      // What another dispatcher has leased meanwhile is left to it.
      for _ in leases.count..<lanes { left.giveBack() }
      return try await withThrowingTaskGroup(of: UInt64.self) { group in
        for lease in leases {
          group.addTask {
            try await queue.settle(lease, .done(nil, then: []))
            _ = settled.next()
            return bench_now() - began
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
  }

  /// What the log holds, by closing it and reading it anew.
  mutating func count() async throws -> String {
    await queue.close()
    queue = try FileQueue.open(folder: folder)
    let counts = await queue.counts()
    let stored = counts.received - counts.duplicates
    let done = counts.byState[.done, default: 0]
    let repeats = bench_repeats(sent.value)
    let isWhole =
      stored == sent.value - repeats && told.value == repeats && counts.duplicates == repeats && done == settled.value
    return "\(isWhole ? "ok" : "void") sent \(sent.value) told-as-known \(told.value) stored \(stored) "
      + "settled \(settled.value) settled-in-store \(done)"
  }

  private func waiting() async -> UInt64 { await queue.counts().byState[.queued, default: 0] }

  private static let system = System(.salesforce, "00D7F00000107XsUAI")
  private static let received = Instant(secondsSince1970: 1_795_500_000)

  private static func event(_ number: UInt64) -> Event {
    var made = bench_event()
    bench_make(&made, number)
    return withUnsafeBytes(of: &made) { all in
      let name = Int(BENCH_ID)
      return Event(
        system: system, endpoint: "crm", id: String(decoding: all[..<name], as: UTF8.self), kind: .outboundMessage,
        key: String(decoding: all[name..<(2 * name)], as: UTF8.self), subject: "Opportunity", change: .update,
        receivedAt: received, payload: [UInt8](all[(2 * name)...]))
    }
  }
}

/// Counts up, or down from a limit, from many tasks.
final class Numbers: Sendable {
  private let number: Atomic<UInt64>

  init(limit: UInt64 = 0) { number = Atomic(limit) }

  var value: UInt64 { number.load(ordering: .relaxed) }

  /// The number before this call.
  func next() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).oldValue }

  func giveBack() { _ = number.wrappingAdd(1, ordering: .relaxed) }

  /// False once the limit is used up.
  func take() -> Bool {
    var seen = value
    while seen > 0 {
      let (exchanged, original) = number.compareExchange(expected: seen, desired: seen - 1, ordering: .relaxed)
      if exchanged { return true }
      seen = original
    }
    return false
  }
}
