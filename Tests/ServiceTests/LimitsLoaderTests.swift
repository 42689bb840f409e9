import Flows
import HTTP
import Testing

@testable import Service

@Suite struct LimitsLoaderTests {
  func load(_ text: String) throws -> (HTTPLimits, [String]) {
    let problems = Problems()
    let limits = LimitsLoader(problems: problems).limits(try ConfigNode.parse(text, file: "causeway.yaml")["limits"])
    return (limits, problems.list.map(\.description))
  }

  func drain(_ text: String) throws -> (Drain, [String]) {
    let problems = Problems()
    let drain = DrainLoader(problems: problems).drain(try ConfigNode.parse(text, file: "causeway.yaml")["drain"])
    return (drain, problems.list.map(\.description))
  }

  @Test func `nothing said is the defaults`() throws {
    #expect(try load("{}").0 == .default)
    #expect(try load("limits: {}").0 == .default)
    #expect(try drain("{}").0.delay == 10_000)
    #expect(try drain("{}").0.deadline == 25_000)
  }

  @Test func `every limit has a key that sets it and nothing else, and its default is within its bounds`() throws {
    // The one that is no number is `requires-length`.
    #expect(Mirror(reflecting: HTTPLimits()).children.count == LimitsLoader.keys.count + 1)
    for key in LimitsLoader.keys {
      #expect(key.bounds.contains(HTTPLimits.default[keyPath: key.property]), "\(key.name)")
      let value = key.bounds.upperBound
      var expected = HTTPLimits.default
      expected[keyPath: key.property] = value
      var text = "limits: { \(key.name): \(key.unit.text(value)) }"
      // Bounded by others.
      if key.name == "request-line" { text = "limits: { request-line: 64KiB, head: 1MiB }" }
      if key.name == "request-line" { expected.head = 1 << 20 }
      if key.name == "idle-under-pressure" { text = "limits: { idle-under-pressure: 1d, idle: 1d }" }
      if key.name == "idle-under-pressure" { expected.idle = 86_400_000 }
      let (limits, problems) = try load(text)
      #expect(problems == [], "\(key.name)")
      #expect(limits == expected, "\(key.name)")
    }
    #expect(try load("limits: { requires-length: false }").0.requiresLength == false)
  }

  @Test(arguments: [
    ("limits: { head-deadline: 10 }", "expected a duration"),
    ("limits: { head-deadline: 1ms }", "`head-deadline`: expected from 100ms to 10m"),
    ("limits: { body: 1TiB }", "expected a size"),
    ("limits: { body: 2GiB }", "`body`: expected from 1KiB to 32MiB"),
    ("limits: { connections: 0 }", "`connections`: expected from 1 to 1000000"),
    ("limits: { connection: 5 }", "unknown key `connection`; did you mean `connections`?"),
    ("limits: { head: 4KiB }", "`request-line` is larger than `head`"),
    ("limits: { idle: 10s }", "`idle-under-pressure` is longer than `idle`"),
    ("limits: 5", "expected a map"),
  ])
  func `what leaves no server that works is refused`(text: String, message: String) throws {
    let problems = try load(text).1
    #expect(problems.count == 1)
    #expect(problems.first?.contains(message) == true, "\(problems)")
  }

  @Test func `a drain may be at once, and has an end`() throws {
    #expect(try drain("drain: { delay: 0s, deadline: 1500ms }").0.delay == 0)
    #expect(try drain("drain: { delay: 0s, deadline: 1500ms }").0.deadline == 1_500)
    #expect(try drain("drain: { delay: 11m }").1.first?.contains("at most 10m") == true)
    #expect(try drain("drain: { dealy: 1s }").1.first?.contains("did you mean `delay`?") == true)
  }
}
