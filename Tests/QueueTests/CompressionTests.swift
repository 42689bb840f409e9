import Events
import Formats
import Support
import Testing

@testable import Queue

@Suite struct CompressionTests {
  let disk = FaultyDisk()

  /// JSON as it comes, with enough of its own in each field that it does not vanish.
  static func body(_ size: Int) -> [UInt8] {
    var random = SeededRandom(seed: UInt64(size))
    var bytes: [UInt8] = []
    while bytes.count < size {
      bytes += Array(#"{"id":"\#(UInt64.random(in: 0...(.max), using: &random))","name":"Acme","open":true},"#.utf8)
    }
    return Array(bytes[..<size])
  }

  static func event(_ id: String, _ body: [UInt8]) -> Event {
    Event(
      system: System(.json, "in"), endpoint: "in", id: id, kind: .json, key: id, subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: body)
  }

  private var options: QueueOptions {
    var options = DamageTests.options
    options.segmentSize = 8 << 20
    return options
  }

  private func open() throws -> FileQueue {
    try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
  }

  private var used: Int {
    get throws { (try #require(disk.image[DamageTests.segment]).lastIndex { $0 != 0 } ?? 0) + 1 }
  }

  @Test func `a large body takes less room and comes back as it was, after a restart too`() async throws {
    let queue = try open()
    let before = try used
    let events = [Self.event("1", Self.body(16 << 10)), Self.event("2", Self.body(200_000))]
    _ = try await queue.append(events)
    #expect(try used - before < 216_000 * 6 / 10)
    #expect(try await queue.list(Filter(), after: nil, limit: 9).map(\.event) == events)
    await queue.close()
    let again = try open()
    #expect(try await again.list(Filter(), after: nil, limit: 9).map(\.event) == events)
    let leases = try await again.lease(lanes: 2, eventsPerLane: 1, except: [])
    #expect(leases.flatMap(\.events).map(\.event) == events)
    await again.close()
  }

  @Test func `who an event is does not depend on how it is stored`() async throws {
    let queue = try open()
    let event = Self.event("1", Self.body(50_000))
    _ = try await queue.append([event])
    var other = event
    other.payload[40_000] ^= 1
    let accepted = try await queue.append([event, other, Self.event("2", [1])])
    #expect(accepted.map(\.verdict) == [.duplicate, .stored, .stored])
    await queue.close()
    let again = try open()
    #expect(try await again.append([event, other]).map(\.verdict) == [.duplicate, .duplicate])
    #expect(try await again.list(Filter(), after: nil, limit: 9).map(\.isConflicting) == [false, true, false])
    await again.close()
  }

  @Test func `what does not get smaller, what is small and what is very large is stored as it is`() {
    var random = SeededRandom(seed: 3)
    let noise = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let deflaters = Deflaters()
    #expect(deflaters.pack([Self.event("1", Self.body((16 << 10) - 1))]).isEmpty)
    #expect(deflaters.pack([Self.event("1", Self.body((1 << 20) + 1))]).isEmpty)
    let packed = deflaters.pack([
      Self.event("1", noise), Self.event("2", [1]), Self.event("3", Self.body(1 << 20)), Self.event("4", noise),
    ])
    #expect(packed.map(\.isEmpty) == [true, true, false, true])
  }

  @Test func `a body that is not what it says is none, and takes no memory for what it cannot become`() throws {
    let body = [UInt8](repeating: 7, count: 1 << 20)
    let packed = try #require(Deflaters().pack([Self.event("1", body)]).first)
    #expect(packed.count < 5000)
    let inflater = Inflater()
    func unpack(_ packed: [UInt8], _ count: Int) -> [UInt8]? {
      packed.withUnsafeBytes { inflater.unpack($0, count: count) }
    }
    #expect(unpack(packed, body.count) == body)
    for count in [0, 1, body.count - 1, body.count + 1, Limits.body, Limits.body + 1, Int(UInt32.max)] {
      #expect(unpack(packed, count) == nil, "\(count)")
    }
    #expect(unpack(Array(packed.dropLast()), body.count) == nil)
    #expect(unpack(packed + [0], body.count) == nil)
    #expect(unpack([], 0) == nil && unpack([7], 1032) == nil)
    // Of what one byte cannot become, no byte is asked for.
    #expect(unpack([UInt8](repeating: 0, count: 60_000), Limits.body) == nil)
    #expect(unpack(packed, body.count) == body)
  }

  @Test func `a packed body that became another is not delivered`() throws {
    let event = Self.event("1", Self.body(20_000))
    let other = Deflaters().pack([Self.event("1", Self.body(20_000).reversed())])[0]
    var bytes: [UInt8] = []
    EventCoding.encode(event, packed: Deflaters().pack([event])[0], into: &bytes)
    let inflater = Inflater()
    #expect(bytes.withUnsafeBytes { EventCoding.decode(RecordPayload($0, isCompressed: true), inflater) } == event)
    bytes = []
    EventCoding.encode(event, packed: other, into: &bytes)
    #expect(bytes.withUnsafeBytes { EventCoding.decode(RecordPayload($0, isCompressed: true), inflater) } == nil)
  }
}
