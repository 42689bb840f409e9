import Events
import Queue
import Testing

extension QueueContract {
  @Test(arguments: Engine.allCases)
  func `A paused lane, flow or system stays queued, and goes on when it is resumed`(_ engine: Engine) async throws {
    let parts: [WorkPart] = [
      .lane(Lane(system: System(.json, "in"), key: "A")), .flow("orders"), .destination(Bench.erp),
    ]
    for part in parts {
      let bench = try Bench(engine)
      #expect(try await bench.queue.pause(part))
      #expect(try await !bench.queue.pause(part))
      _ = try await bench.queue.append([
        bench.event("lane"), bench.event("run", key: "p", kind: .run, subject: "orders"),
        bench.event("sent", key: "q", system: Bench.erp),
        bench.event("other", key: "r", kind: .run, subject: "accounts"),
      ])
      let paused: Set =
        switch part {
        case .lane: ["lane"]
        case .flow: ["run"]
        case .destination: ["run", "sent"]
        }
      let all: Set = ["lane", "run", "sent", "other"]
      #expect(Set(try await bench.leaseNow().map(\.events[0].event.id)) == all.subtracting(paused))
      #expect(try await bench.queue.pauses().map(\.waiting) == [paused.count])
      #expect(await bench.queue.counts().paused == UInt64(paused.count))
      #expect(try await bench.queue.resume(part))
      #expect(try await !bench.queue.resume(part))
      #expect(Set(try await bench.leaseNow().map(\.events[0].event.id)) == paused)
      #expect(try await bench.queue.pauses().isEmpty)
      #expect(await bench.queue.counts().paused == 0)
      #expect(await bench.countsAddUp())
    }
  }

  @Test(arguments: Engine.allCases)
  func `What is leased when a pause begins is finished, and the pause says when it ran dry`(_ engine: Engine)
    async throws
  {
    let bench = try Bench(engine)
    let runs = (1...3).map { bench.event("\($0)", key: "p\($0)", kind: .run, subject: "orders") }
    _ = try await bench.queue.append(runs)
    let lease = try await bench.lease()[0]
    _ = try await bench.queue.pause(.flow("orders"))
    #expect(try await bench.leaseNow().isEmpty)
    #expect(try await bench.queue.pauses().map { [$0.waiting, $0.leased] } == [[2, 1]])
    try await bench.queue.settle(lease, .done(nil, then: []))
    #expect(try await bench.queue.pauses().map { [$0.waiting, $0.leased] } == [[2, 0]])
    #expect(try await bench.queue.pauses().map(\.since) == [bench.clock.wall()])
  }

  @Test(arguments: Engine.allCases)
  func `A lease that waits is woken when a pause ends`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.pause(.flow("orders"))
    _ = try await bench.queue.append([bench.event("1", kind: .run, subject: "orders")])
    async let waiting = bench.lease()
    _ = try await bench.queue.resume(.flow("orders"))
    #expect(try await waiting.map(\.events[0].event.id) == ["1"])
  }

  @Test(arguments: Engine.allCases)
  func `An event ages by the waits that its own failures caused, and by nothing else`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([bench.event("1")])
    func again(after seconds: Int64, counts: Bool) async throws -> Int64 {
      let lease = try #require(try await bench.leaseNow().first)
      let due = bench.clock.wall().adding(seconds: seconds)
      try await bench.queue.settle(lease, .retry(at: due, why, counts: counts))
      return lease.waited
    }
    #expect(try await again(after: 60, counts: true) == 0)
    // Paused for a day while it waits, and a system that is down for another.
    _ = try await bench.queue.pause(.lane(bench.event("1").lane))
    bench.clock.advance(milliseconds: 86_400_000)
    _ = try await bench.queue.resume(.lane(bench.event("1").lane))
    #expect(try await again(after: 86_400, counts: false) == 60_000)
    bench.clock.advance(milliseconds: 86_400_000)
    #expect(try await again(after: 600, counts: true) == 60_000)
    // Something new in the lane ends the wait early: the rest of it was not waited.
    bench.clock.advance(milliseconds: 1_000)
    _ = try await bench.queue.append([bench.event("2")])
    let lease = try #require(try await bench.leaseNow(8, 1).first)
    #expect(lease.waited == 61_000)
    try await bench.queue.settle(lease, .dead(why))
    #expect(try await bench.queue.change(Filter(id: "1"), .retry()) == 1)
    #expect(try await bench.leaseNow(8, 1).map(\.waited) == [0])
  }
}
