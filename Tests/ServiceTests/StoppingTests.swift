import Net
import Support
import Testing

@testable import Service

@Suite struct StoppingTests {
  @Test func `a stop is announced first, and everything is taken until the delay is over`() async throws {
    let running = try await RunningProgram("127.0.0.1:0", drain: "{ delay: 10m }")
    let address = try #require(try running.listen().publicListeners.first)
    let patience = Patience()
    let stopping = Task { await running.program.stop(announcing: true, patience: patience) }
    while try await RunningProgram.ask(address, "/readyz").status != 503 { await Task.yield() }
    // On new connections, and without `Connection: close`: nothing is refused yet.
    let answer = try await RunningProgram.ask(address, "/hooks/x", #"{"id":"late"}"#)
    #expect(answer.status == 202)
    #expect(answer.field("Connection") == nil)
    #expect(try await RunningProgram.ask(address, "/healthz").status == 200)
    // Nobody waits ten minutes: a second signal skips the delay, and what was acknowledged is there.
    patience.hurry()
    await stopping.value
    #expect(throws: (any Error).self) { try RawClient(address) }
    let again = try await RunningProgram.open(running.folder)
    #expect(await again.queue.counts().received == 1)
    await again.stop()
    await running.end()
  }

  @Test func `without an announcement nothing is waited for`() async throws {
    let running = try await RunningProgram("127.0.0.1:0", drain: "{ delay: 10m }")
    _ = try running.listen()
    await running.end()
  }
}
