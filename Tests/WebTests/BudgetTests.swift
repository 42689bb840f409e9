import HTTP
import Net
import Support
import Testing

@testable import Web

/// Shedding: what would need too much memory is refused before it is read, and what was begun goes on.
struct BudgetTests {
  private func post(_ length: Int) -> String { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\n" }

  @Test func `a budget gives what it has and gets it back`() {
    var budget = BodyBudget(limit: 800)
    func take(_ octets: Int, isNew: Bool) -> Bool { budget.take(octets, isNew: isNew) }
    #expect(take(600, isNew: true))
    #expect(!take(101, isNew: true))
    #expect(take(100, isNew: true))
    // The last eighth is for those who have begun.
    #expect(!take(1, isNew: true))
    #expect(take(100, isNew: false))
    #expect(!take(1, isNew: false))
    budget.give(700)
    #expect(take(600, isNew: true))
    budget.give(700)
    #expect(budget.held == 0)
    #expect(take(10_000, isNew: true))
    #expect(!take(1, isNew: true))
  }

  private func limits(memory: Int) -> HTTPLimits {
    var limits = HTTPLimits.default
    limits.memory = memory
    return limits
  }

  @Test func `over the budget a request is refused unread, in the handler's words, and the others are answered`()
    async throws
  {
    let gate = Gate()
    let fixture = try ServerFixture(limits: limits(memory: 100_000), handler: Refuser(gate: gate))
    var busy: [RawClient] = []
    for _ in 0..<4 {
      let client = try fixture.connect()
      try client.send(post(12_000) + String(repeating: "x", count: 12_000))
      busy.append(client)
    }
    await gate.arrival(of: 4)
    let refused = try fixture.connect()
    try refused.send(post(12_000) + "xx")
    let answer = try await refused.readAnswer()
    #expect(answer.status == 503)
    #expect(answer.text == "sender's words")
    #expect(answer.field("Retry-After") == "5")
    #expect(answer.field("Connection") == "close")
    gate.open()
    for client in busy { #expect(try await client.readAnswer().text == "12000") }
    // What was held is free again.
    let next = try fixture.connect()
    try next.send(post(3) + "abc")
    #expect(try await next.readAnswer().text == "3")
    await fixture.end()
  }

  @Test(arguments: ["Content-Length: 300000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n493E0\r\n"])
  func `a body that grows beyond the budget ends with 503, and gives back what it held`(framing: String) async throws {
    let gate = Gate()
    let fixture = try ServerFixture(limits: limits(memory: 100_000), handler: Refuser(gate: gate))
    let busy = try fixture.connect()
    try busy.send(post(40_000) + String(repeating: "x", count: 40_000))
    await gate.arrival(of: 1)
    for _ in 0..<3 {
      let client = try fixture.connect()
      try client.send("POST / HTTP/1.1\r\nHost: h\r\n\(framing)" + String(repeating: "x", count: 60_000))
      #expect(try await client.readAnswer().status == 503)
    }
    gate.open()
    #expect(try await busy.readAnswer().text == "40000")
    await fixture.end()
  }

  @Test func `a request that is alone may be larger than the budget`() async throws {
    let gate = Gate()
    gate.open()
    let fixture = try ServerFixture(limits: limits(memory: 1_000), handler: Refuser(gate: gate))
    for _ in 0..<2 {
      let client = try fixture.connect()
      try client.send(post(5) + "hello")
      #expect(try await client.readAnswer().text == "5")
    }
    await fixture.end()
  }

  @Test func `an end in the middle of a body gives back what it held`() async throws {
    let gate = Gate()
    gate.open()
    let fixture = try ServerFixture(limits: limits(memory: 100_000), handler: Refuser(gate: gate))
    for _ in 0..<5 {
      let client = try fixture.connect()
      try client.send(post(50_000) + String(repeating: "x", count: 40_000))
      client.endSending()
      #expect(await client.isClosedByServer())
    }
    await fixture.end()
  }
}

private struct Refuser: Handler {
  let gate: Gate

  func respond(to request: Request) async -> Response {
    await gate.pass()
    return .text("\(request.body.count)")
  }

  func refuse(_ error: HTTPError, of head: RequestHead) -> Response { .text("sender's words", status: error.status) }
}
