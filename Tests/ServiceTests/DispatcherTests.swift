import Connectors
import Events
import Flows
import Formats
import Foundation
import Ledger
import Logging
import Queue
import Support
import Testing

@testable import Service

/// The dispatcher over a queue in memory, with the deployed flows, and a NetSuite that answers when it is let.
@Suite struct DispatcherTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("deploy/lead-to-cash").path
  private static let erp = System(.netsuite, "1")

  private static func event(_ number: Int, _ type: String, _ id: String) -> Event {
    Event(
      system: erp, endpoint: "erp", id: "e\(number)", kind: .netsuite, key: id, subject: type,
      receivedAt: Instant(secondsSince1970: 1_795_478_400),
      payload: Array(#"{"record":{"type":"\#(type)","id":"\#(id)"}}"#.utf8))
  }

  @Test func `What can be routed at once is settled together, while another waits for its system`() async throws {
    let (blueprint, problems) = Blueprint.load(
      folder: Self.folder, connections: ["crm": .salesforce, "erp": .netsuite],
      schemas: ["crm": .salesforce, "erp": .netsuite])
    let queue = ListeningQueue()
    let erp = SlowConnector(system: Self.erp)
    let dispatcher = Dispatcher(
      queue: queue, blueprint: try #require(blueprint, "\(problems)"), connections: Connections(["erp": erp]),
      ledger: try Ledger.inMemory(), policy: RetryPolicy(),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: Now.wall)
    for flow in ["customer", "item", "order-from-opportunity"] { _ = try await queue.pause(.flow(flow)) }
    // The first asks which order it was made from; of the last one nobody knows which record it is.
    var events = [Self.event(0, "itemFulfillment", "700")]
    for number in 1...40 { events.append(Self.event(number, "salesOrder", "\(number)")) }
    var lost = Self.event(41, "salesOrder", "41")
    lost.change = .overflow
    lost.payload = Array("{}".utf8)
    _ = try await queue.append(events + [lost])

    let work = Task { await dispatcher.run() }
    var calls = queue.calls.makeAsyncIterator()
    let together = try #require(await calls.next())
    #expect(Set(together.flatMap { $0.lease.events.map(\.event.id) }) == Set((1...41).map { "e\($0)" }))
    for ending in together {
      switch ending.outcome {
      case .done(_, let then): #expect(then.map(\.kind) == [.run] && then[0].subject == "order-from-opportunity")
      case .held(let reason): #expect(reason.code == "changes-lost" && ending.lease.events[0].event == lost)
      default: Issue.record("\(ending.outcome)")
      }
    }
    erp.answer()
    let last = try #require(await calls.next())
    #expect(last.map { $0.lease.events.map(\.event.id) } == [["e0"]])
    work.cancel()
    await work.value
    let counts = await queue.counts()
    #expect(counts.byState[.done] == 41 && counts.byState[.held] == 1 && counts.unaccounted == 0)
  }
}

/// A queue in memory that tells what was settled, call by call.
private final class ListeningQueue: EventQueue {
  private let queue = MemoryQueue()
  private let teller: AsyncStream<[Ending]>.Continuation
  let calls: AsyncStream<[Ending]>

  init() { (calls, teller) = AsyncStream.makeStream() }

  func settle(_ endings: [Ending]) async -> [QueueError?] {
    let errors = await queue.settle(endings)
    teller.yield(endings)
    return errors
  }

  func append(_ events: [Event]) async throws(QueueError) -> [Accepted] { try await queue.append(events) }
  func lease(lanes: Int, eventsPerLane: Int, except: Set<Route>) async throws(QueueError) -> [Lease] {
    try await queue.lease(lanes: lanes, eventsPerLane: eventsPerLane, except: except)
  }
  func extend(_ lease: Lease) async throws(QueueError) { try await queue.extend(lease) }
  func note(_ lease: Lease, _ note: Note) async throws(QueueError) { try await queue.note(lease, note) }
  func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry] {
    try await queue.list(filter, after: after, limit: limit)
  }
  func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int {
    try await queue.change(filter, change)
  }
  func pause(_ part: WorkPart) async throws(QueueError) -> Bool { try await queue.pause(part) }
  func resume(_ part: WorkPart) async throws(QueueError) -> Bool { try await queue.resume(part) }
  func pauses() async throws(QueueError) -> [Pause] { try await queue.pauses() }
  func counts() async -> Counts { await queue.counts() }
}

/// Knows no record, and says so once it is let.
private final class SlowConnector: Connector {
  let system: System
  let schema = Schema.netsuite
  let calls = 0
  private let gate: AsyncStream<Void>
  private let opener: AsyncStream<Void>.Continuation

  init(system: System) {
    self.system = system
    (gate, opener) = AsyncStream.makeStream()
  }

  func answer() { opener.finish() }

  func read(_ id: RecordID, _ shape: RecordShape) async throws(Failure) -> Record? {
    for await _ in gate {}
    return nil
  }

  func find(
    _ type: String, where fields: [String: FieldValue], limit: Int, _ shape: RecordShape
  ) async throws(Failure) -> [Record] { [] }

  func query(_ text: String, _ parameters: [FieldValue]) async throws(Failure) -> [[String: FieldValue]] { [] }

  func write(_ write: RecordWrite) async throws(Failure) -> RecordID {
    throw .never(Reason("read-only", .internalError, "Nothing is written here."))
  }
}
