import Events
import Formats
import HTTP
import Ledger
import Posix
import Queue
import Service
import Support
import Web

@testable import Console

/// A console over a queue without a disk.
struct ConsoleFixture {
  let queue = MemoryQueue()
  let ledger: Ledger
  let handler: ConsoleHandler
  static let now = Instant(secondsSince1970: 1_790_000_600)

  init(
    connections: [ConsoleParts.Connection] = [], keys: [KeyReport] = [], hosts: Set<String> = [],
    handshakes: ConsoleParts.Handshakes? = nil
  ) throws {
    ledger = try Ledger.inMemory()
    handler = ConsoleHandler(
      ConsoleParts(
        queue: queue, ledger: ledger, state: { "ready" }, connections: { connections },
        handshakes: { handshakes }, keys: { keys },
        hosts: hosts, now: { Self.now }))
  }

  static func event(_ number: Int, endpoint: String = "crm", kind: Event.Kind = .outboundMessage) -> Event {
    Event(
      system: System(.salesforce, "00D7F00000107XsUAI"), endpoint: endpoint, id: "id-\(number)", kind: kind,
      key: "record-\(number)", subject: "Account", receivedAt: Instant(secondsSince1970: 1_790_000_000),
      payload: Array(#"{"secret":"payload-\#(number)"}"#.utf8))
  }

  /// Stores so many events.
  func append(_ count: Int) async throws { _ = try await queue.append((1...count).map { Self.event($0) }) }

  /// Leases every event that waits and settles it.
  func settle(_ outcome: Outcome) async throws {
    for lease in try await queue.lease(lanes: 1000, eventsPerLane: 1000, except: []) {
      try await queue.settle(lease, outcome)
    }
  }

  func send(_ method: Method, _ target: String, fields: Fields = ["Host": "localhost:8081"], body: String = "") async
    -> Answer
  {
    let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
    return await answer(
      Request(
        method: method, path: parts[0], query: parts.count == 2 ? parts[1] : nil, fields: fields,
        body: Array(body.utf8)))
  }

  func get(_ target: String) async -> Answer { await send(.get, target) }

  func post(_ target: String, _ body: String, fields more: Fields = [:]) async -> Answer {
    var fields: Fields = ["Host": "localhost:8081", "Content-Type": "application/json"]
    for (name, value) in more { fields[name] = value }
    return await send(.post, target, fields: fields, body: body)
  }

  func answer(_ request: Request) async -> Answer {
    let response = await handler.handle(request)
    let collected = Collected()
    switch response.body {
    case .none: break
    case .bytes(let bytes): collected.add(bytes)
    case .stream(let write): try? await write(collected)
    }
    return Answer(status: response.status, fields: response.fields, writes: collected.writes)
  }
}

struct Answer {
  let status: Status
  let fields: Fields
  /// What was written at once each time.
  let writes: [[UInt8]]

  var text: String { String(decoding: writes.joined(), as: UTF8.self) }
  var json: JSON? { try? JSON.parse(text) }
  /// Of NDJSON; nil for a line that is no JSON.
  var lines: [JSON?] { text.split(separator: "\n").map { try? JSON.parse(String($0)) } }
}

private final class Collected: BodyWriter {
  private let parts = Lock<[[UInt8]]>([])
  var writes: [[UInt8]] { parts.withLock { $0 } }
  func add(_ bytes: [UInt8]) { parts.withLock { $0.append(bytes) } }
  func write(_ bytes: [UInt8]) async throws { add(bytes) }
}
