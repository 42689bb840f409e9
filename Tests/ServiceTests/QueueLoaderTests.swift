import Flows
import Testing

@testable import Service

@Suite struct QueueLoaderTests {
  func load(_ text: String) throws -> (QueueRoom, [String]) {
    let problems = Problems()
    let node = try ConfigNode.parse(text, file: "causeway.yaml")["queue"]
    return (QueueLoader(problems: problems).room(node), problems.list.map(\.description))
  }

  @Test func `the log has parts of 64 MiB and leaves 128 MiB free, unless something else is said`() throws {
    let (room, problems) = try load("{}")
    #expect(room.segment == 64 << 20 && room.keepFree == 128 << 20 && problems.isEmpty)
    let (small, none) = try load("queue: { segment: 4MiB, keep-free: 2MiB }")
    #expect(small.segment == 4 << 20 && small.keepFree == 2 << 20 && none.isEmpty)
  }

  @Test(arguments: ["1MiB", "2GiB"]) func `a part that is too small or too large is refused with its line`(
    _ size: String
  )
    throws
  {
    let (_, problems) = try load("queue:\n  segment: \(size)")
    #expect(problems == ["causeway.yaml:2: `segment`: expected 4MiB to 1GiB"])
  }
}
