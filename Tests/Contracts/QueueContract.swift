import Events
import Formats
import Queue
import Support
import Testing

/// What every queue must hold, run over each of them.
@Suite struct QueueContract {
  enum Engine: String, CaseIterable, Sendable { case file, encrypted, memory }

  /// A queue with its clock.
  struct Bench {
    let queue: any EventQueue
    let clock: ManualClock

    init(_ engine: Engine) throws {
      clock = ManualClock()
      switch engine {
      case .memory: queue = MemoryQueue(clock: clock, leaseDuration: 1000, destinations: Self.destinations)
      case .file, .encrypted:
        var options = QueueOptions()
        options.suspectDelay = 0
        options.segmentSize = 1 << 16
        options.reserve = 1 << 12
        options.leaseDuration = 1000
        options.destinations = Self.destinations
        if engine == .encrypted {
          options.encryption.current = KeyEncryptionKey(bytes: [UInt8](repeating: 1, count: 32))
        }
        queue = try FileQueue.open(folder: "/q", disk: FaultyDisk(), clock: clock, options: options)
      }
    }

    static let erp = System(.netsuite, "1")
    static let destinations: @Sendable (String) -> [System] = { $0 == "orders" ? [erp] : [] }

    func event(
      _ id: String, key: String = "A", payload: String = "{}", kind: Event.Kind = .json, subject: String = "s",
      system: System = System(.json, "in"), _ priority: Event.Priority = .interactive
    ) -> Event {
      Event(
        system: system, endpoint: "in", id: id, kind: kind, key: key, subject: subject, receivedAt: clock.wall(),
        payload: Array(payload.utf8), priority: priority)
    }

    func lease(_ lanes: Int = 1, _ eventsPerLane: Int = 1, except: Set<Route> = []) async throws -> [Lease] {
      try await queue.lease(lanes: lanes, eventsPerLane: eventsPerLane, except: except)
    }

    /// What is leased now, without waiting: another event, in a lane of its own, is leased behind it.
    func leaseNow(_ lanes: Int = 8, _ eventsPerLane: Int = 8) async throws -> [Lease] {
      _ = try await queue.append([event("probe-\(clock.monotonic())-\(UInt64.random(in: 0...(.max)))", key: "probe")])
      var found: [Lease] = []
      while true {
        let leases = try await lease(lanes, eventsPerLane)
        found += leases.filter { $0.lane.key != "probe" }
        if let probe = leases.first(where: { $0.lane.key == "probe" }) {
          try await queue.settle(probe, .done(nil, then: []))
          return found
        }
      }
    }

    func states(_ ids: String...) async throws -> [EventState] {
      let all = try await queue.list(Filter(), after: nil, limit: 1000)
      return ids.compactMap { id in all.first { $0.event.id == id }?.state }
    }

    func countsAddUp() async -> Bool {
      let counts = await queue.counts()
      return counts.received == counts.byState.values.reduce(0, +) + counts.expired + counts.duplicates
    }
  }

  let why = Reason("busy", .busy, "It is busy.", quoted: ["x"], side: .netsuite)

  @Test(arguments: Engine.allCases)
  func `An appended event comes back as it was`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    let sent = Event(
      system: System(.salesforce, "00D7F00000107XsUAI"), endpoint: "crm", id: "04l", kind: .outboundMessage, key: "006",
      subject: "Opportunity", change: .update, receivedAt: bench.clock.wall(),
      payload: Array(repeating: 120, count: 9000))
    let accepted = try await bench.queue.append([sent])
    #expect(accepted.map(\.verdict) == [.stored])
    let listed = try await bench.queue.list(Filter(), after: nil, limit: 10)
    #expect(listed == [Entry(sequence: accepted[0].sequence, event: sent, state: .queued, attempts: 0)])
    let lease = try #require(try await bench.lease().first)
    #expect(lease.events.map(\.event) == [sent])
    #expect(lease.attempt == 1 && lease.lane == sent.lane && lease.notes.isEmpty)
  }

  @Test(arguments: Engine.allCases)
  func `A known id is a duplicate, with another body a new event that is flagged`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    let first = try await bench.queue.append([bench.event("1"), bench.event("1"), bench.event("1", payload: "[]")])
    #expect(first.map(\.verdict) == [.stored, .duplicate, .stored])
    #expect(first[0].sequence == first[1].sequence)
    let second = try await bench.queue.append([bench.event("1", payload: "[]"), bench.event("1", payload: "3")])
    #expect(second.map(\.verdict) == [.duplicate, .stored])
    let listed = try await bench.queue.list(Filter(), after: nil, limit: 10)
    #expect(listed.map(\.isConflicting) == [false, true, true])
    let counts = await bench.queue.counts()
    #expect(counts.received == 5 && counts.duplicates == 2)
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `A lane has one lease at a time and keeps its order`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([
      bench.event("1"), bench.event("2"), bench.event("3", key: "B"), bench.event("4"),
    ])
    let leases = try await bench.leaseNow(8, 2)
    #expect(leases.map { $0.events.map(\.event.id) } == [["1", "2"], ["3"]])
    #expect(try await bench.leaseNow().isEmpty)
    try await bench.queue.settle(leases[0], .done(nil, then: []))
    #expect(try await bench.leaseNow().map { $0.events.map(\.event.id) } == [["4"]])
    #expect(try await bench.states("1", "2", "3", "4") == [.done, .done, .leased, .leased])
  }

  @Test(arguments: Engine.allCases)
  func `Leases that are ended together end each by itself`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([
      bench.event("1"), bench.event("2", key: "B"), bench.event("3", key: "C"), bench.event("4", key: "D"),
    ])
    let leases = try await bench.leaseNow(8, 1)
    try await bench.queue.settle(leases[1], .done(nil, then: []))
    let errors = await bench.queue.settle([
      Ending(leases[0], .done(why, then: [bench.event("run", key: "pair", kind: .run)])),
      Ending(leases[1], .dead(why)), Ending(leases[2], .held(why)), Ending(leases[0], .dead(why)),
      Ending(leases[3], .retry(at: bench.clock.wall().adding(seconds: 60), why, counts: true)),
    ])
    #expect(errors == [nil, .notYours, nil, .notYours, nil])
    #expect(try await bench.states("1", "2", "3", "4", "run") == [.done, .done, .held, .retrying, .queued])
    #expect(await bench.queue.settle([]) == [])
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `What a settlement adds is there with it, and a token works once`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    let lease = try await bench.lease()[0]
    try await bench.queue.settle(lease, .done(why, then: [bench.event("run", key: "pair", kind: .run)]))
    #expect(try await bench.states("1", "run") == [.done, .queued])
    #expect(try await bench.queue.list(Filter(id: "1"), after: nil, limit: 1).first?.reason == why)
    await #expect(throws: QueueError.notYours) { try await bench.queue.settle(lease, .dead(why)) }
    await #expect(throws: QueueError.notYours) { try await bench.queue.note(lease, Note("late")) }
    await #expect(throws: QueueError.notYours) { try await bench.queue.extend(lease) }
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `A retry waits for its time, counts when it should, and keeps its notes`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    let first = try await bench.lease()[0]
    try await bench.queue.note(first, Note("intent create"))
    let due = bench.clock.wall().adding(seconds: 60)
    try await bench.queue.settle(first, .retry(at: due, why, counts: true))
    let listed = try await bench.queue.list(Filter(states: [.retrying]), after: nil, limit: 9)
    #expect(listed.map(\.dueAt) == [due] && listed.map(\.reason) == [why])
    #expect(try await bench.leaseNow().isEmpty)
    bench.clock.advance(milliseconds: 60_000)
    let second = try #require(try await bench.leaseNow().first)
    #expect(second.attempt == 2 && second.notes == [Note("intent create")])
    try await bench.queue.settle(second, .retry(at: bench.clock.wall(), why, counts: false))
    #expect(try await bench.leaseNow().first?.attempt == 2)
  }

  @Test(arguments: Engine.allCases)
  func `A lease that waits is woken when a retry becomes due`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    let due = bench.clock.wall().adding(seconds: 60)
    try await bench.queue.settle(try await bench.lease()[0], .retry(at: due, why, counts: true))
    async let waiting = bench.lease()
    bench.clock.advance(milliseconds: 60_000)
    #expect(try await waiting.map(\.attempt) == [2])
  }

  @Test(arguments: Engine.allCases)
  func `A new event makes its retrying lane due at once`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    let due = bench.clock.wall().adding(seconds: 3600)
    try await bench.queue.settle(try await bench.lease()[0], .retry(at: due, why, counts: true))
    _ = try await bench.queue.append([bench.event("2")])
    #expect(try await bench.lease(1, 8).map { $0.events.map(\.event.id) } == [["1", "2"]])
  }

  @Test(arguments: Engine.allCases)
  func `After a dead or held event the lane goes on, and both can come back`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1"), bench.event("2"), bench.event("3")])
    let first = try await bench.lease()[0]
    try await bench.queue.note(first, Note("intent"))
    try await bench.queue.settle(first, .dead(why))
    try await bench.queue.settle(try await bench.lease()[0], .held(why))
    #expect(try await bench.states("1", "2", "3") == [.dead, .held, .queued])
    #expect(try await bench.queue.change(Filter(states: [.dead, .held]), .retry()) == 2)
    let back = try await bench.lease(1, 8)
    #expect(back.map { $0.events.map(\.event.id) } == [["1", "2", "3"]])
    #expect(back[0].attempt == 1 && back[0].notes == [Note("intent")])
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `A person can drop what waits, but not what is being worked on`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1"), bench.event("2"), bench.event("3", key: "B")])
    let lease = try await bench.lease()[0]
    #expect(try await bench.queue.change(Filter(), .drop(why)) == 2)
    #expect(try await bench.states("1", "2", "3") == [.leased, .dropped, .dropped])
    #expect(try await bench.queue.change(Filter(id: "2"), .retry()) == 0)
    try await bench.queue.settle(lease, .done(nil, then: []))
    _ = try await bench.queue.append([bench.event("4")])
    #expect(try await bench.lease().map { $0.events.map(\.event.id) } == [["4"]])
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `A lease ends when nobody extends it, and its attempt stays counted`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    let first = try await bench.lease()[0]
    bench.clock.advance(milliseconds: 900)
    try await bench.queue.extend(first)
    bench.clock.advance(milliseconds: 900)
    try await bench.queue.note(first, Note("still here"))
    bench.clock.advance(milliseconds: 1100)
    let second = try await bench.lease()[0]
    #expect(second.attempt == 2 && second.token != first.token)
    await #expect(throws: QueueError.notYours) { try await bench.queue.settle(first, .done(nil, then: [])) }
    try await bench.queue.settle(second, .done(nil, then: []))
  }

  @Test(arguments: Engine.allCases)
  func `Runs of a paused flow stay, others of the queue do not wait for them`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([
      bench.event("1", key: "p", kind: .run, subject: "orders"),
      bench.event("2", key: "q", kind: .run, subject: "accounts"),
    ])
    let paused: Set = [Route(flow: "orders", destination: System(.netsuite, "1"))]
    #expect(try await bench.lease(8, 8, except: paused).map { $0.events.map(\.event.id) } == [["2"]])
    #expect(try await bench.lease(8, 8).map { $0.events.map(\.event.id) } == [["1"]])
  }

  @Test(arguments: Engine.allCases)
  func `Runs of two flows in one lane are two leases`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([
      bench.event("1", kind: .run, subject: "a"), bench.event("2", kind: .run, subject: "a"),
      bench.event("3", kind: .run, subject: "b"),
    ])
    let first = try await bench.lease(8, 8)
    #expect(first.map { $0.events.map(\.event.id) } == [["1", "2"]])
    try await bench.queue.settle(first[0], .done(nil, then: []))
    #expect(try await bench.lease(8, 8).map { $0.events.map(\.event.id) } == [["3"]])
  }

  @Test(arguments: Engine.allCases)
  func `A lease that waits is given up when its task is cancelled`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    let task = Task { try await bench.lease() }
    task.cancel()
    #expect(try await task.value.isEmpty)
  }

  @Test(arguments: Engine.allCases)
  func `A list is filtered, limited and goes on where it stopped`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    let events = (0..<700).map { bench.event("\($0)", key: $0 % 7 == 0 ? "seven" : "other") }
    let accepted = try await bench.queue.append(events)
    var found: [Entry] = []
    while true {
      let page = try await bench.queue.list(Filter(key: "seven"), after: found.last?.sequence, limit: 30)
      if page.isEmpty { break }
      found += page
    }
    #expect(found.map(\.event.id) == stride(from: 0, to: 700, by: 7).map { "\($0)" })
    let range = accepted[10].sequence...accepted[12].sequence
    let some = try await bench.queue.list(Filter(sequences: range), after: nil, limit: 30)
    #expect(some.map(\.event.id) == ["10", "11", "12"])
    #expect(try await bench.queue.list(Filter(endpoint: "out"), after: nil, limit: 30).isEmpty)
  }
}
