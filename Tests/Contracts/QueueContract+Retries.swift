import Events
import Queue
import Testing

extension QueueContract {
  @Test(arguments: Engine.allCases)
  func `Many retries are spread over a time, and are bulk`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append((0..<10).map { bench.event("\($0)", key: "\($0)") })
    for lease in try await bench.leaseNow(64, 1) { try await bench.queue.settle(lease, .held(why)) }
    let start = bench.clock.wall()
    #expect(try await bench.queue.change(Filter(states: [.held]), .retry(Retry(over: 600_000))) == 10)
    let waiting = try await bench.queue.list(Filter(states: [.retrying]), after: nil, limit: 20)
    #expect(waiting.map(\.dueAt) == (0..<10).map { start.adding(seconds: $0 * 60) })
    #expect(waiting.allSatisfy { $0.event.priority == .bulk })
    var counts: [Int] = []
    for _ in 0..<10 {
      counts.append(try await bench.leaseNow(64, 1).count)
      bench.clock.advance(milliseconds: 60_000)
    }
    // What is leased first runs out meanwhile and is leased again: only the first time is looked at.
    #expect(counts[0] == 1 && counts[1] == 2)
    #expect(await bench.countsAddUp())
  }

  @Test(arguments: Engine.allCases)
  func `A retry that waits for its turn holds up nothing in its lane`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1", key: "x"), bench.event("2", key: "y")])
    for lease in try await bench.leaseNow(8, 1) { try await bench.queue.settle(lease, .held(why)) }
    _ = try await bench.queue.append([bench.event("3", key: "y")])
    #expect(try await bench.queue.change(Filter(states: [.held]), .retry(Retry(over: 600_000))) == 2)
    let leases = try await bench.leaseNow(8, 8)
    #expect(Set(leases.map { $0.events.map(\.event.id) }) == [["1"], ["2", "3"]])
  }

  @Test(arguments: Engine.allCases)
  func `What is done is replayed where that is asked for and nothing later of its lane is done`(_ engine: Engine)
    async throws
  {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1"), bench.event("2"), bench.event("3", key: "B"), bench.event("4")])
    #expect(try await bench.queue.change(Filter(id: "4"), .drop(why)) == 1)
    for _ in 0..<2 {
      for lease in try await bench.leaseNow(8, 1) { try await bench.queue.settle(lease, .done(nil, then: [])) }
    }
    let mine = Filter(sequences: 1...4)
    #expect(try await bench.queue.change(mine, .retry()) == 0)
    #expect(try await bench.queue.change(mine, .retry(Retry(replays: true))) == 3)
    #expect(try await bench.states("1", "2", "3", "4") == [.done, .queued, .queued, .queued])
    let leases = try await bench.leaseNow(8, 8)
    #expect(Set(leases.map { $0.events.map(\.event.id) }) == [["2", "4"], ["3"]])
    for lease in leases { try await bench.queue.settle(lease, .done(nil, then: [])) }
    #expect(try await bench.queue.change(Filter(id: "1"), .retry(Retry(replays: true))) == 0)
    #expect(try await bench.queue.change(Filter(id: "1"), .retry(Retry(replays: true, isForced: true))) == 1)
    #expect(try await bench.leaseNow(8, 8).map { $0.events.map(\.event.id) } == [["1"]])
    #expect(await bench.countsAddUp())
    #expect(await bench.queue.counts().unaccounted == 0)
  }

  @Test(arguments: Engine.allCases)
  func `A few retries keep their priority, many are bulk`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append((0...Priorities.fewRetries).map { bench.event("\($0)", key: "\($0)") })
    for lease in try await bench.leaseNow(64, 1) { try await bench.queue.settle(lease, .dead(why)) }
    #expect(try await bench.queue.change(Filter(id: "0"), .retry()) == 1)
    #expect(try await bench.lease()[0].events[0].event.priority == .interactive)
    #expect(try await bench.queue.change(Filter(id: "1"), .retry()) == 1)
    let lease = try await bench.lease()[0]
    try await bench.queue.settle(lease, .dead(why))
    _ = try await bench.queue.append([bench.event("more", key: "more")])
    try await bench.queue.settle(try await bench.lease()[0], .dead(why))
    #expect(try await bench.queue.change(Filter(states: [.dead]), .retry()) == Priorities.fewRetries + 1)
    let found = try await bench.queue.list(Filter(states: [.queued]), after: nil, limit: 64)
    #expect(found.allSatisfy { $0.event.priority == .bulk })
  }

  @Test(arguments: Engine.allCases)
  func `What is held for a record is found by it`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1", key: "x"), bench.event("2", key: "y")])
    let needs = RecordID(type: "Account", id: "001")
    let waits = Reason("reference-missing", .reference, "It is not there.", field: "entity", needs: needs)
    try await bench.queue.settle(try await bench.lease()[0], .held(waits))
    try await bench.queue.settle(try await bench.lease()[0], .held(why))
    let held = try await bench.queue.list(Filter(states: [.held], needs: "001"), after: nil, limit: 9)
    #expect(held.map(\.reason) == [waits])
    #expect(try await bench.queue.change(Filter(states: [.held], needs: "001"), .retry()) == 1)
    #expect(try await bench.states("1", "2") == [.queued, .held])
  }
}
