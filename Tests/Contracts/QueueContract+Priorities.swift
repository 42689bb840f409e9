import Events
import Queue
import Testing

extension QueueContract {
  @Test(arguments: Engine.allCases)
  func `Interactive lanes go before bulk, which has its share of one in eight`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append((0..<20).map { bench.event("b\($0)", key: "b\($0)", .bulk) })
    _ = try await bench.queue.append((0..<20).map { bench.event("i\($0)", key: "i\($0)") })
    var order = ""
    while order.count < 40 {
      let lease = try await bench.lease()[0]
      order += lease.events[0].event.id.prefix(1)
      try await bench.queue.settle(lease, .done(nil, then: []))
    }
    #expect(order == "iiiiiiibiiiiiiibiiiiii" + String(repeating: "b", count: 18))
  }

  @Test(arguments: Engine.allCases)
  func `A lane has the highest priority of what waits in it, and keeps its order`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append([
      bench.event("b1", key: "x", .bulk), bench.event("b2", key: "y", .bulk), bench.event("b3", key: "y", .bulk),
    ])
    _ = try await bench.queue.append([bench.event("i1", key: "y")])
    let first = try await bench.lease(1, 8)
    #expect(first.map { $0.events.map(\.event.id) } == [["b2", "b3", "i1"]])
    #expect(first[0].events.map(\.event.priority) == [.bulk, .bulk, .interactive])
    try await bench.queue.settle(first[0], .done(nil, then: []))
    #expect(try await bench.lease(1, 8).map { $0.events.map(\.event.id) } == [["b1"]])
  }

  @Test(arguments: Engine.allCases)
  func `Bulk work never takes all workers`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    _ = try await bench.queue.append((0..<40).map { bench.event("b\($0)", key: "b\($0)", .bulk) })
    let leases = try await bench.leaseNow(64, 1)
    #expect(leases.count == Priorities.bulkLeases)
    _ = try await bench.queue.append([bench.event("i", key: "i")])
    #expect(try await bench.lease(64, 1).map(\.events[0].event.id) == ["i"])
    for lease in leases.prefix(3) { try await bench.queue.settle(lease, .done(nil, then: [])) }
    for lease in leases.suffix(2) {
      try await bench.queue.settle(lease, .retry(at: bench.clock.wall(), why, counts: true))
    }
    #expect(try await bench.leaseNow(64, 1).count == 5)
    #expect(await bench.countsAddUp())
  }
}
