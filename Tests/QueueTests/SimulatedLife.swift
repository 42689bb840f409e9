import Events
import Formats
import Posix
import Queue
import Support

/// A queue's life as a seed decides it: which calls, in which order, on which lanes, of what size, with what between them.
/// The same seed gives the same storage calls, one for one.
struct SimulatedLife {
  private let world: CrashWorkload
  private var random: SeededRandom
  private var queue: FileQueue
  private var leases: [Lease] = []
  private var number = 0
  private var secrets: Set<String> = []
  private var isErased = false
  /// Fewer than identities are remembered for.
  private var daysPassed = 0

  /// Every storage call of the life, with the disk and what its client knew before it; and the end.
  static func points(seed: UInt64) async throws -> [CrashPoint] {
    var random = SeededRandom(seed: seed)
    let world = CrashWorkload(options(&random))
    world.watch()
    var life = SimulatedLife(world, random, try world.open())
    try await life.run()
    world.remember("end", world.disk)
    return world.points.withLock { $0 }
  }

  /// Segments of a few events, with and without encryption, compression's threshold, checkpoints and identity runs as often
  /// as they can come.
  private static func options(_ random: inout SeededRandom) -> QueueOptions {
    var options = CrashWorkload.options
    options.segmentSize = [4096, 6144, 16_384].randomElement(using: &random) ?? 6144
    options.checkpointAfter = [600, 1500, 20_000].randomElement(using: &random) ?? 1500
    options.identitiesInMemory = [6, 12, 48].randomElement(using: &random) ?? 12
    options.retention.settled = Bool.random(using: &random) ? 86_400 : nil
    if Int.random(in: 0..<3, using: &random) == 0 {
      options.encryption = QueueEncryption(current: Encrypted.key(UInt8.random(in: 1...9, using: &random)))
    }
    return options
  }

  private init(_ world: CrashWorkload, _ random: SeededRandom, _ queue: FileQueue) {
    self.world = world
    self.random = random
    self.queue = queue
  }

  private mutating func run() async throws {
    for _ in 0..<Int.random(in: 12...40, using: &random) {
      try await step()
      try await rest()
    }
    if Bool.random(using: &random) {
      forget()
      await queue.close()
    }
  }

  /// The writer goes on for a while after its answer: what comes next finds it at rest, every time. What it does in a turn
  /// is done when the next turn answers, so two questions without a storage call between their answers find nothing left.
  private func rest() async throws {
    var before: Int
    repeat {
      before = world.points.withLock { $0.count }
      for _ in 0..<3 { _ = try await queue.list(Filter(), after: nil, limit: 1) }
    } while world.points.withLock { $0.count } != before
  }

  private mutating func step() async throws {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7: try await append()
    case 7..<10: try await lease()
    case 10..<14: try await settle()
    case 14: try await note()
    case 15: try await world.idle(queue)
    case 16: try await passTime()
    case 17: try await ask()
    case 18: try await erase()
    default: try await openAgain()
    }
  }

  // MARK: calls

  /// Up to three new events in one call; now and then one that came before, or one as large as a segment.
  private mutating func append() async throws {
    var events: [Event] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let sent = world.ledger.withLock { $0.sent }
      if Int.random(in: 0..<6, using: &random) == 0, let again = sent.randomElement(using: &random) {
        if !world.ledger.withLock({ $0.erasing.contains(again.id) }) { events.append(again) }
        continue
      }
      number += 1
      if !isErased, Int.random(in: 0..<8, using: &random) == 0 {
        secrets.insert("x\(number)")
        events.append(world.secret("x\(number)"))
        continue
      }
      let size = Int.random(in: 0..<10, using: &random) == 0 ? 5000 : Int.random(in: 0...1400, using: &random)
      let isBulk = Int.random(in: 0..<6, using: &random) == 0
      events.append(world.event("n\(number)", lane(), size, .json, isBulk ? .bulk : .interactive))
    }
    if !events.isEmpty { try await world.append(queue, events) }
  }

  private mutating func lane() -> String { ["A", "B", "C", "D"].randomElement(using: &random) ?? "A" }

  /// Only where something is due: a lease waits until it is.
  private mutating func lease() async throws {
    guard try await queue.pauses().isEmpty else { return }
    let entries = try await queue.list(Filter(states: [.queued, .retrying, .leased]), after: nil, limit: 1000)
    let lanes = Dictionary(grouping: entries) { $0.event.lane }
    let isDue = lanes.values.contains { lane in
      guard !lane.contains(where: { $0.state == .leased }), let head = lane.first else { return false }
      return head.state == .queued || head.dueAt.map { $0 <= world.clock.wall() } ?? true
    }
    guard isDue else { return }
    leases += try await world.lease(
      queue, Int.random(in: 1...3, using: &random), Int.random(in: 1...3, using: &random))
  }

  /// One lease, or some together.
  private mutating func settle() async throws {
    var endings: [Ending] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      guard let place = leases.indices.randomElement(using: &random) else { break }
      endings.append(Ending(leases.remove(at: place), outcome()))
    }
    if !endings.isEmpty { try await world.settle(queue, endings) }
  }

  private mutating func outcome() -> Outcome {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .held(world.why)
    case 1: return .dead(world.why)
    case 2:
      return .retry(at: world.clock.wall().adding(seconds: 60), world.why, counts: Bool.random(using: &random))
    case 3:
      number += 1
      return .done(world.why, then: [world.event("r\(number)", "pair", 300, .run)])
    default: return .done(nil, then: [])
    }
  }

  private mutating func note() async throws {
    guard let lease = leases.randomElement(using: &random) else { return }
    try await world.note(queue, lease, "intent \(Int.random(in: 0..<1000, using: &random))")
  }

  /// A second, or three days: leases end, retries become due, settled events go, identities are out of their days.
  private mutating func passTime() async throws {
    let isLong = Bool.random(using: &random) && daysPassed < 6
    if isLong {
      leases = []
      daysPassed += 3
    }
    world.clock.advance(milliseconds: isLong ? 3 * 86_400_000 : 1000)
    try await rest()
    try await world.idle(queue)
  }

  /// A person pauses, resumes, or has events tried again.
  private mutating func ask() async throws {
    let parts: [WorkPart] = [
      .flow("s"), .destination(System(.json, "in")), .lane(Lane(system: System(.json, "in"), key: lane())),
    ]
    switch Int.random(in: 0..<4, using: &random) {
    case 0: try await world.pause(queue, parts.randomElement(using: &random) ?? .flow("s"), true)
    case 1: for pause in try await queue.pauses() { try await world.pause(queue, pause.part, false) }
    case 2: try await world.retry(queue, Filter(states: [.held, .dead]), Retry())
    default: try await world.retry(queue, Filter(states: [.held, .dead]), Retry(over: 30_000))
    }
  }

  /// Once: everything that names somebody.
  private mutating func erase() async throws {
    guard !secrets.isEmpty, !isErased else { return }
    isErased = true
    leases = []
    try await openAgain()
    try await world.erase(queue, secrets)
  }

  private mutating func openAgain() async throws {
    forget()
    await queue.close()
    queue = try world.open(keeping: world.options.retention.settled)
  }

  /// An orderly end takes the attempts back.
  private mutating func forget() {
    leases = []
    world.ledger.withLock { $0.attempts = [:] }
  }
}
