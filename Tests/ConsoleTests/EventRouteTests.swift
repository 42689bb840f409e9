import Events
import Formats
import HTTP
import Ledger
import Queue
import Testing

@testable import Console

@Suite struct EventRouteTests {
  @Test func `a listing is one object a line, oldest first, and streamed`() async throws {
    let console = try ConsoleFixture()
    try await console.append(1_234)
    let answer = await console.get("/api/v1/events")
    #expect(answer.fields["Content-Type"] == "application/x-ndjson")
    #expect(answer.lines.count == 1_234)
    #expect(answer.lines.compactMap { $0?["id"]?.string } == (1...1_234).map { "id-\($0)" })
    #expect(answer.writes.count == 3)
    let first = answer.lines[0]
    for name in ["endpoint", "id", "key", "state", "receivedAt"] { #expect(first?[name]?.string != nil, "\(name)") }
  }

  @Test func `limit and after narrow it`() async throws {
    let console = try ConsoleFixture()
    try await console.append(700)
    #expect(await console.get("/api/v1/events?limit=600").lines.count == 600)
    #expect(await console.get("/api/v1/events?limit=0").lines.isEmpty)
    let page = await console.get("/api/v1/events?after=698&limit=5")
    #expect(page.lines.compactMap { $0?["sequence"]?.int } == [699, 700])
  }

  @Test func `filters hold together`() async throws {
    let console = try ConsoleFixture()
    try await console.append(2)
    try await console.settle(.held(Reason("item-missing", .reference, "The item {0} is not known.", quoted: ["W-1"])))
    _ = try await console.queue.append([ConsoleFixture.event(3), ConsoleFixture.event(4, endpoint: "erp")])
    #expect(await console.get("/api/v1/events?state=held").lines.count == 2)
    #expect(await console.get("/api/v1/events?state=held,queued&endpoint=crm").lines.count == 3)
    #expect(await console.get("/api/v1/events?state=held&state=queued").lines.count == 4)
    #expect(await console.get("/api/v1/events?id=id-3").lines.count == 1)
    #expect(await console.get("/api/v1/events?key=record-4&endpoint=crm").lines.isEmpty)
    #expect(await console.get("/api/v1/events?kind=run").lines.isEmpty)
    let held = await console.get("/api/v1/events?id=id-1").lines.first
    #expect(held??["reason"]?["sentence"]?.string == "The item W-1 is not known.")
  }

  @Test(arguments: ["stat=held", "state=hold", "kind=x", "limit=-1", "limit=+5", "after=x", "id=%zz"])
  func `a misspelt filter is refused`(query: String) async throws {
    let answer = try await ConsoleFixture().get("/api/v1/events?\(query)")
    #expect(answer.status == .badRequest)
    #expect(answer.fields["Content-Type"] == "application/problem+json")
  }

  @Test func `a payload is shown only where it is asked for`() async throws {
    let console = try ConsoleFixture()
    try await console.append(1)
    for path in ["/", "/metrics", "/api/v1/events", "/api/v1/events/1", "/api/v1/events/1?payload=0"] {
      #expect(await !console.get(path).text.contains("payload-1"), "\(path)")
    }
    #expect(await console.get("/api/v1/events/1?payload=1").json?["payload"]?["secret"]?.string == "payload-1")
    #expect(await console.get("/api/v1/events?payload=1").status == .badRequest)
  }

  @Test func `one event comes with its requests and their runs`() async throws {
    let console = try ConsoleFixture()
    try await console.append(1)
    var request = ConsoleFixture.event(9, kind: .run)
    request.id = "1/customer/record-1"
    var other = request
    other.id = "11/customer/record-1"
    try await console.settle(.done(nil, then: [request, other]))
    let run = Run(
      flow: "customer", entity: "customer", pair: Pair(salesforce: "001", netsuite: nil),
      cause: Run.Cause(sequence: 1, event: "id-1", endpoint: "crm"), started: ConsoleFixture.now,
      finished: ConsoleFixture.now, outcome: .written, apiCalls: 2, steps: [Step(.note, detail: ["what": "seen"])])
    try await console.ledger.record(run: run)
    let json = await console.get("/api/v1/events/1").json
    #expect(json?["requests"]?.array?.compactMap { $0["id"]?.string } == ["1/customer/record-1"])
    #expect(json?["runs"]?[0]?["steps"]?[0]?["detail"]?["what"]?.string == "seen")
    #expect(await console.get("/api/v1/runs?outcome=written").json?["runs"]?.array?.count == 1)
    #expect(await console.get("/api/v1/runs?outcome=dead").json?["runs"]?.array?.isEmpty == true)
    #expect(await console.get("/api/v1/runs/1").json?["steps"]?.array?.count == 1)
    #expect(await console.get("/api/v1/runs/2").status == .notFound)
  }

  @Test(arguments: ["/api/v1/events/99", "/api/v1/events/x", "/api/v1/events/+1", "/api/v1/nothing"])
  func `what is not there is 404`(path: String) async throws {
    #expect(try await ConsoleFixture().get(path).status == .notFound)
  }
}
