import Events
import Queue
import Testing

@testable import Console

@Suite struct PauseRouteTests {
  @Test func `a part is paused, listed with what waits, and resumed`() async throws {
    let console = try ConsoleFixture(connections: [
      ConsoleParts.Connection(
        name: "crm", kind: "salesforce", account: "00D7F00000107XsUAI", calls: 0, failuresInARow: 0)
    ])
    try await console.append(3)
    let paused = await console.post("/api/v1/pauses/pause", #"{"destination":"crm"}"#).json
    #expect(paused?["changed"]?.int == 1)
    #expect(paused?["pause"]?["destination"]?.string == "salesforce:00D7F00000107XsUAI")
    #expect(await console.post("/api/v1/pauses/pause", #"{"destination":"crm"}"#).json?["changed"]?.int == 0)
    let list = await console.get("/api/v1/pauses").json?["pauses"]?.array
    #expect(list?.map { $0["waiting"]?.int } == [3])
    let metrics = await console.get("/metrics").text
    #expect(metrics.contains("causeway_events_paused 3"))
    #expect(metrics.contains(#"causeway_pause_waiting{part="destination salesforce:00D7F00000107XsUAI"} 3"#))
    #expect(await console.get("/api/v1/status").json?["events"]?["paused"]?.int == 3)
    let resumed = await console.post("/api/v1/pauses/resume", #"{"destination":"crm"}"#).json
    #expect(resumed?["changed"]?.int == 1 && resumed?["pause"] == nil)
    #expect(await console.get("/api/v1/pauses").json?["pauses"]?.array?.isEmpty == true)
  }

  @Test func `a lane is named by its system and key, a flow by its name`() async throws {
    let console = try ConsoleFixture()
    _ = await console.post("/api/v1/pauses/pause", #"{"system":"causeway:order","key":"006"}"#)
    _ = await console.post("/api/v1/pauses/pause", #"{"flow":"order"}"#)
    let parts = try await console.queue.pauses().map(\.part)
    #expect(parts == [.flow("order"), .lane(Lane(system: System(.causeway, "order"), key: "006"))])
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"flow":""}"#, #"{"flow":7}"#, #"{"flow":"a","destination":"b"}"#,
    #"{"system":"causeway:order"}"#,
    #"{"system":"order","key":"006"}"#, #"{"destination":"nobody"}"#, #"{"lane":"x"}"#,
  ])
  func `a part that is not understood pauses nothing`(body: String) async throws {
    let console = try ConsoleFixture()
    #expect(await console.post("/api/v1/pauses/pause", body).status == .badRequest)
    #expect(try await console.queue.pauses().isEmpty)
  }

  @Test func `a retry is spread, and replays what is done where that is asked for`() async throws {
    let console = try ConsoleFixture()
    try await console.append(2)
    try await console.settle(.done(nil, then: []))
    #expect(await console.post("/api/v1/events/retry", #"{"all":true}"#).json?["changed"]?.int == 0)
    let body = #"{"all":true,"replay":true,"over":600}"#
    #expect(await console.post("/api/v1/events/retry", body).json?["changed"]?.int == 2)
    #expect(await console.queue.counts().byState[.retrying] == 2)
    #expect(await console.post("/api/v1/events/drop", #"{"all":true,"over":1}"#).status == .badRequest)
    #expect(await console.post("/api/v1/events/retry", #"{"all":true,"over":604801}"#).status == .badRequest)
  }
}
