import Events
import Formats
import Queue
import Support
import Testing

@Suite struct UnwantedTests {
  let disk = FaultyDisk()
  let clock = ManualClock()
  static let reason = Reason("no-flow", .none, "no flow wants it")

  var options: QueueOptions {
    var options = QueueOptions()
    options.suspectDelay = 0
    options.segmentSize = 8192
    options.reserve = 512
    options.minimumFree = 0
    options.unwanted = { $0.subject == "noise" ? Self.reason : nil }
    return options
  }

  func open(_ disk: FaultyDisk? = nil) throws -> FileQueue {
    try FileQueue.open(folder: "/queue", disk: disk ?? self.disk, clock: clock, options: options)
  }

  func event(_ id: String, _ subject: String) -> Event {
    Event(
      system: System(.salesforce, "00D7F00000107XsUAI"), endpoint: "crm", id: id, kind: .outboundMessage, key: "record",
      subject: subject, receivedAt: clock.wall(), payload: Array(#"{"a":1}"#.utf8))
  }

  @Test func `what nobody wants is done with its append, what somebody wants of the same lane is leased`() async throws
  {
    let queue = try open()
    _ = try await queue.append([event("1", "noise"), event("2", "signal"), event("3", "noise")])
    let leases = try await queue.lease(lanes: 4, eventsPerLane: 4, except: [])
    #expect(leases.map { $0.events.map(\.event.id) } == [["2"]])
    let done = try await queue.list(Filter(states: [.done]), after: nil, limit: 10)
    #expect(done.map(\.event.id) == ["1", "3"])
    #expect(done.allSatisfy { $0.reason == Self.reason })
    let counts = await queue.counts()
    #expect(counts.received == 3)
    #expect(counts.byState[.done] == 2)
    await queue.close()
  }

  @Test func `it stays done, and its repeat a duplicate, after a crash`() async throws {
    let queue = try open()
    _ = try await queue.append([event("1", "noise")])
    let image = disk.image.afterCrash(seed: 7)
    let again = try open(image)
    #expect(try await again.list(Filter(states: [.done]), after: nil, limit: 10).map(\.reason) == [Self.reason])
    #expect(try await again.append([event("1", "noise")]).map(\.verdict) == [.duplicate])
    await again.close()
    await queue.close()
  }
}
