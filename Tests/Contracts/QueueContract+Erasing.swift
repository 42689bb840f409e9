import Events
import Formats
import Queue
import Testing

extension QueueContract {
  @Test(arguments: Engine.allCases)
  func `What is erased is gone, whatever came of it, and its repeats are still told`(_ engine: Engine) async throws {
    let bench = try Bench(engine)
    let names = ["Ada", "Grace", #"A\u0064a"#, "Ada", "Ada"]
    let events = names.enumerated().map { number, name in
      var event = bench.event("\(number)", key: "\(number)")
      event.payload = Array(#"{"name":"\#(name)"}"#.utf8)
      return event
    }
    _ = try await bench.queue.append(events)
    let leases = try await bench.lease(8, 1)
    #expect(leases.count == 5)
    // One is done, one held, one is still being worked on.
    try await bench.queue.settle(leases[0], .done(nil, then: []))
    try await bench.queue.settle(leases[3], .held(why))
    #expect(try await bench.queue.change(Filter(), .erase(containing: "Ada", why)) == 4)
    try await bench.queue.settle(leases[4], .done(nil, then: []))
    let left = try await bench.queue.list(Filter(), after: nil, limit: 9)
    #expect(left.map(\.isErased) == [true, false, true, true, true])
    #expect(left.map(\.state) == [.done, .leased, .dropped, .dropped, .dropped])
    for entry in left where entry.isErased {
      #expect(entry.event.payload.isEmpty && entry.event.key.isEmpty && entry.event.subject.isEmpty)
      #expect(entry.reason == why && entry.event.receivedAt == events[0].receivedAt)
    }
    // There is nothing to be worked on again, and nothing to be erased.
    #expect(try await bench.queue.change(Filter(), .retry(Retry(replays: true, isForced: true))) == 0)
    #expect(try await bench.queue.change(Filter(), .erase(containing: nil, why)) == 1)
    #expect(try await bench.queue.append(events).map(\.verdict) == Array(repeating: .duplicate, count: 5))
    #expect(await bench.countsAddUp())
  }
}
