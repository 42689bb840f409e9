import CBench
import Events
import Formats
import Queue
import Synchronization

/// The queue through its public interface, in two ways. By a task for each: every caller appends one event at a time and
/// waits for the answer, and one loop leases for all workers that are free, each of which settles its own event; so the
/// product takes requests and runs flows. Together, as the peers do it: one call carries the events of all callers; so
/// the product takes what one request brings, and settles what it has routed.
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
      return took
    }
  }

  func appendTogether(callers: Int, seconds: Double) async throws -> PhaseResult {
    try await PhaseResult.of(seconds) {
      let accepted = try await queue.append((0..<callers).map { _ in Self.event(sent.next()) })
      told.add(UInt64(accepted.count { $0.verdict == .duplicate }))
      return (callers, isLast: false)
    }
  }

  func work(callers: Int, seconds: Double) async throws -> PhaseResult {
    let (queue, settled) = (queue, settled)
    return try await PhaseResult.of(
      workers: callers, seconds, upTo: await waiting(),
      { try await queue.lease(lanes: $0, eventsPerLane: 1, except: []) }
    ) { lease in
      try await queue.settle(lease, .done(nil, then: []))
      _ = settled.next()
    }
  }

  func workTogether(callers: Int, seconds: Double) async throws -> PhaseResult {
    var left = await waiting()
    return try await PhaseResult.of(seconds) {
      let leases = try await queue.lease(lanes: Int(min(UInt64(callers), left)), eventsPerLane: 1, except: [])
      let errors = await queue.settle(leases.map { Ending($0, .done(nil, then: [])) })
      for error in errors { if let error { throw error } }
      settled.add(UInt64(leases.count))
      left -= UInt64(leases.count)
      return (leases.count, isLast: left == 0)
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

/// Counts up, from many tasks.
final class Numbers: Sendable {
  private let number = Atomic<UInt64>(0)

  var value: UInt64 { number.load(ordering: .relaxed) }

  /// The number before this call.
  func next() -> UInt64 { number.wrappingAdd(1, ordering: .relaxed).oldValue }

  func add(_ count: UInt64) { number.wrappingAdd(count, ordering: .relaxed) }
}
