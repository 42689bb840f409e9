import Formats
import Support
import Testing

/// The published parsing suite: every text gets its verdict.
@Suite(.enabled(if: SharedData.conformance != nil, "set CAUSEWAY_CONFORMANCE to run the published suites"))
struct JSONConformance {
  @Test func `every text gets its verdict`() throws {
    let lines = try SharedData.read(#require(SharedData.conformance) + "/json.ndjson").split(
      separator: UInt8(ascii: "\n"))
    #expect(lines.count > 300)
    for line in lines {
      let test = try JSON.parse(Array(line))
      let name = try #require(test["name"]?.string)
      let encoded = try #require(test["base64"]?.string)
      let text = try #require(base64(encoded))
      let isTaken = (try? JSON.parse(text)) != nil
      switch test["expect"]?.string {
      case "accept" where policyIsStricter(name): #expect(!isTaken, "\(name)")
      case "accept": #expect(isTaken, "\(name)")
      case "reject": #expect(!isTaken, "\(name)")
      case "either": break
      default: Issue.record("no verdict for \(name)")
      }
    }
  }

  /// RFC 8259 leaves equal keys to the receiver; we refuse them.
  private func policyIsStricter(_ name: String) -> Bool { name.hasPrefix("y_object_duplicated_key") }
}

private func base64(_ text: String) -> [UInt8]? {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var bytes: [UInt8] = []
  var bits: UInt32 = 0
  var count = 0
  for byte in text.utf8 where byte != UInt8(ascii: "=") {
    guard let value = alphabet.firstIndex(of: byte) else { return nil }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
  }
  return bytes
}
