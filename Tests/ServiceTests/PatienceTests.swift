import Testing

@testable import Service

/// The times are such that a wait which is not cut short would outlast the test's own limit.
@Suite struct PatienceTests {
  private static let forever = 3_600_000

  @Test(.timeLimit(.minutes(10))) func `a hurry ends the wait for time, and every later one`() async {
    let patience = Patience()
    let waiting = Task { await patience.wait(milliseconds: Self.forever) }
    patience.hurry()
    await waiting.value
    await patience.wait(milliseconds: Self.forever)
  }

  @Test(.timeLimit(.minutes(10))) func `work that has ended is told from work that has not`() async {
    let patience = Patience()
    #expect(await patience.wait(for: Task {}, milliseconds: Self.forever))
    let endless = Task { await Self.endless() }
    #expect(await !patience.wait(for: endless, milliseconds: 1))
    let waiting = Task { await patience.wait(for: endless, milliseconds: Self.forever) }
    patience.hurry()
    #expect(await !waiting.value)
    #expect(await patience.wait(for: Task {}, milliseconds: Self.forever))
    endless.cancel()
  }

  private static func endless() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    for await _ in stream {}
    continuation.finish()
  }
}
