import Events
import HTTP
import Queue
import Testing

@testable import Console

@Suite struct PageTests {
  @Test func `the page says what waits, what is held and why`() async throws {
    let console = try ConsoleFixture(connections: [
      ConsoleParts.Connection(name: "crm", kind: "salesforce", account: "00D7F", calls: 12, failuresInARow: 0)
    ])
    try await console.append(1)
    try await console.settle(.held(Reason("item-missing", .reference, "The item {0} is not known.", quoted: ["<W&1>"])))
    _ = try await console.queue.append([ConsoleFixture.event(2)])
    let answer = await console.get("/")
    #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8")
    #expect(answer.text.contains("The item &lt;W&amp;1&gt; is not known."))
    #expect(answer.text.contains("salesforce:00D7F00000107XsUAI/record-2"))
    #expect(answer.text.contains("the oldest event waits for 10 min"))
    #expect(!answer.text.contains("<script") && !answer.text.contains("http://") && !answer.text.contains("style="))
  }

  @Test func `the page's style is its own`() async throws {
    let answer = try await ConsoleFixture().get("/console.css")
    #expect(answer.status == .ok)
    #expect(answer.fields["Content-Type"] == "text/css; charset=utf-8")
  }

  @Test func `an empty console is a page too`() async throws {
    let answer = try await ConsoleFixture().get("/")
    #expect(answer.text.contains("nothing waits"))
    #expect(!answer.text.contains("<table"))
  }
}
