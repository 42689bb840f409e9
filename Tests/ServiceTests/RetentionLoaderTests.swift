import Flows
import Queue
import Testing

@testable import Service

@Suite struct RetentionLoaderTests {
  func load(_ text: String) throws -> (Retention, [String]) {
    let problems = Problems()
    let node = try ConfigNode.parse(text, file: "causeway.yaml")["retention"]
    let retention = RetentionLoader(problems: problems, segment: 64 << 20).retention(node, endpoints: ["erp"])
    return (retention, problems.list.map(\.description))
  }

  @Test func `unless something is said, settled events stay for 30 days and dead ones for good`() throws {
    for text in ["{}", "retention: {}"] {
      let (retention, problems) = try load(text)
      #expect(retention.settled == 30 * 86_400 && retention.parked == nil && retention.size == nil)
      #expect(problems.isEmpty)
    }
  }

  @Test func `everything can be said, and a rule has the general times where it says none`() throws {
    let (retention, problems) = try load(
      """
      retention:
        settled: never
        dead: 90d
        size: 1GiB
        rules:
          - { endpoint: erp, settled: 7d }
          - { kind: change-event, dead: never }
      """)
    #expect(problems.isEmpty)
    #expect(retention.settled == nil && retention.parked == 90 * 86_400 && retention.size == 1 << 30)
    #expect(retention.rules.map(\.settled) == [7 * 86_400, nil])
    #expect(retention.rules.map(\.parked) == [90 * 86_400, nil])
    #expect(retention.rules.map(\.endpoint) == ["erp", nil] && retention.rules.map(\.kinds) == [[], [.changeEvent]])
  }

  @Test func `what cannot be kept is refused with its line`() throws {
    let (_, problems) = try load(
      """
      retention:
        settled: 5m
        size: 1MiB
        rules:
          - { endpoint: crm }
          - { settled: 7d }
      """)
    #expect(
      problems == [
        "causeway.yaml:2: expected at least 1h, or `never`",
        "causeway.yaml:3: `size`: expected at least 256MiB: the log is let go in parts of 64MiB",
        "causeway.yaml:5: there is no endpoint `crm`",
        "causeway.yaml:6: a rule needs `endpoint` or `kind`: what is for all events stands beside `rules`",
      ])
  }
}
