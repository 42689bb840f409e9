import Events
import HTTP
import Queue
import Testing

@testable import Console

@Suite struct ChangeRouteTests {
  private func held(_ count: Int) async throws -> ConsoleFixture {
    let console = try ConsoleFixture()
    try await console.append(count)
    try await console.settle(.held(Reason("item-missing", .reference, "The item is not known.")))
    return console
  }

  @Test func `retry makes what is held due`() async throws {
    let console = try await held(3)
    let answer = await console.post("/api/v1/events/retry", #"{"state":"held"}"#)
    #expect(answer.json?["changed"]?.int == 3)
    #expect(await console.queue.counts().byState[.held] ?? 0 == 0)
  }

  @Test func `a filter narrows a change`() async throws {
    let console = try await held(3)
    #expect(await console.post("/api/v1/events/drop", #"{"id":"id-2"}"#).json?["changed"]?.int == 1)
    #expect(await console.post("/api/v1/events/drop", #"{"sequence":3}"#).json?["changed"]?.int == 1)
    #expect(await console.get("/api/v1/events?state=dropped").lines.count == 2)
  }

  @Test func `why something was dropped is kept`() async throws {
    let console = try await held(1)
    _ = await console.post("/api/v1/events/drop", #"{"sequence":1,"reason":"test order"}"#)
    let reason = await console.get("/api/v1/events/1").json?["reason"]
    #expect(reason?["sentence"]?.string == "A person gave it up: test order")
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"all":false}"#, #"{"reason":"x"}"#, #"{"stat":"held"}"#, #"{"state":"hold"}"#, #"{"state":[1]}"#,
    #"{"state":"held","state":"dead"}"#, #"{"sequence":1.5}"#, #"{"sequence":-1}"#, #"{"id":7}"#,
  ])
  func `a filter that is empty or not understood changes nothing`(body: String) async throws {
    let console = try await held(1)
    #expect(await console.post("/api/v1/events/drop", body).status == .badRequest)
    #expect(await console.queue.counts().byState[.held] == 1)
  }

  @Test func `everything has to be meant`() async throws {
    let console = try await held(2)
    #expect(await console.post("/api/v1/events/drop", #"{"all":true}"#).json?["changed"]?.int == 2)
  }

  @Test func `what is erased is chosen by a text, and leaves a reason`() async throws {
    let console = try await held(3)
    let body = #"{"containing":"id-2","state":"held","reason":"she asked for it"}"#
    #expect(await console.post("/api/v1/events/erase", body).json?["changed"]?.int == 1)
    let left = await console.get("/api/v1/events/2").json
    #expect(left?["id"]?.string == "" && left?["state"]?.string == "dropped")
    #expect(left?["reason"]?["sentence"]?.string == "A person had it erased: she asked for it")
    #expect(await console.post("/api/v1/events/erase", #"{"sequence":1}"#).json?["changed"]?.int == 1)
    #expect(await console.queue.counts().byState[.held] == 1)
  }

  @Test(arguments: [
    #"{"all":true}"#, #"{"containing":""}"#, #"{"all":true,"containing":"id"}"#, #"{"id":"id-1","over":1}"#,
  ])
  func `everything is erased by nobody's slip`(body: String) async throws {
    let console = try await held(2)
    #expect(await console.post("/api/v1/events/erase", body).status == .badRequest)
    #expect(await console.queue.counts().byState[.held] == 2)
  }

  @Test func `a retry and a drop are not narrowed by a text`() async throws {
    let console = try await held(2)
    for change in ["retry", "drop"] {
      let body = #"{"state":"held","containing":"id-1"}"#
      #expect(await console.post("/api/v1/events/\(change)", body).status == .badRequest)
    }
    #expect(await console.queue.counts().byState[.held] == 2)
  }

  @Test func `a change is no reading`() async throws {
    let answer = try await ConsoleFixture().send(.delete, "/api/v1/events")
    #expect(answer.status == .methodNotAllowed)
    #expect(answer.fields["Allow"] == "GET, HEAD")
  }
}
