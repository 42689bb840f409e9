import Formats
import Service
import Testing

@testable import Console

@Suite struct KeyRouteTests {
  private static let keys = [
    KeyReport(
      endpoint: "crm", entry: "hmac", key: "env:NEW", count: 12, lastUsed: Instant(secondsSince1970: 1_795_000_000)),
    KeyReport(endpoint: "crm", entry: "hmac", key: "env:OLD"),
  ]

  @Test func `keys are listed with their last use, or never`() async throws {
    let console = try ConsoleFixture(keys: Self.keys)
    let listed = try #require(await console.get("/api/v1/keys").json?["keys"]?.array)
    #expect(listed.map { $0["key"]?.string } == ["env:NEW", "env:OLD"])
    #expect(listed.map { $0["count"]?.int } == [12, 0])
    #expect(listed.map { $0["lastUsed"] } == [.string("2026-11-18T11:06:40Z"), .null])
  }

  @Test func `keys are metrics`() async throws {
    let text = try await ConsoleFixture(keys: Self.keys).get("/metrics").text
    #expect(text.contains(#"causeway_key_uses_total{endpoint="crm",entry="hmac",key="env:NEW"} 12"#))
    #expect(
      text.contains(#"causeway_key_last_used_timestamp_seconds{endpoint="crm",entry="hmac",key="env:NEW"} 1795000000"#))
    #expect(text.contains(#"causeway_key_last_used_timestamp_seconds{endpoint="crm",entry="hmac",key="env:OLD"} 0"#))
  }
}
