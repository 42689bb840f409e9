import Formats
import Foundation
import HTTP
import Testing

/// The request cases of llhttp's own tests, in its strict mode: both accept and see the same messages, or both refuse,
/// or the case is in the list of what is refused here on purpose.
@Suite(.enabled(if: Llhttp.file != nil, "set CAUSEWAY_CONFORMANCE to the folder of published test data"))
struct LlhttpTests {
  /// An error to llhttp, not here, and why.
  static let accepted = [
    "test/request/connection.md:81": "what follows a request that closes the connection is never read",
    "test/request/connection.md:292": "what follows a request that closes the connection is never read",
    "test/request/connection.md:342": "what follows a request that closes the connection is never read",
    "test/request/connection.md:679": "llhttp stops for an upgrade, which is ignored here",
  ]

  /// Accepted by llhttp, refused here.
  static let refused: [String: String] = {
    var refused: [String: String] = [:]
    func refuse(_ file: String, _ lines: [Int], _ why: String) {
      for line in lines { refused["test/request/\(file).md:\(line)"] = why }
    }
    refuse("connection", [156], "two empty lines before a request line")
    refuse("content-length", [4, 33], "leading zeros in a length")
    refuse("content-length", [444], "the case stops before a body that never comes; here it is waited for")
    refuse("method", [4, 135, 217, 245, 273, 311, 344], "a method that is served nowhere here")
    refuse("method", [372, 400, 430], "not HTTP")
    refuse("sample", [67, 105], "0.0.0.0=5000 is no host")
    refuse("sample", [314], "HTTP/0.9")
    refuse("transfer-encoding", [751, 793], "a coding besides chunked")
    refuse("uri", [4, 98, 165], "characters that no URI may have, or a fragment")
    refuse("uri", [52, 75, 125], "the target names another host than the Host field")
    refuse("uri", [222], "user information in a target")
    return refused
  }()

  @Test func `requests are seen as llhttp sees them, or refused with a reason`() throws {
    var limits = HTTPLimits()
    // RFC 9112 6.3 takes a request without a length for one without a body; that we ask for one is said elsewhere.
    limits.requiresLength = false
    var disagreements: Set<String> = []
    let samples = try Llhttp.cases()
    for sample in samples {
      let reading = Connection.read([sample.input], limits: limits)
      let agrees =
        sample.isRefused
        ? Self.isRefused(sample, limits)
        : reading.status == nil && sample.isSeen(in: reading) && sample.isSeenToEnd(in: reading)
      if !agrees { disagreements.insert(sample.id) }
      for pieces in Cuts.all(sample.input, seeds: 0..<2) {
        #expect(Connection.read(pieces, limits: limits) == reading, "\(sample.id)")
      }
    }
    #expect(disagreements == Set(Self.refused.keys).union(Self.accepted.keys))
    #expect(samples.count == 137)
  }

  /// Refused, or not accepted yet and refused once the line it breaks off in has its end.
  private static func isRefused(_ sample: Llhttp.Sample, _ limits: HTTPLimits) -> Bool {
    let reading = Connection.read([sample.input], limits: limits)
    if reading.status != nil { return true }
    let ended = sample.input + Array("\r\n\r\n".utf8)
    return !reading.isBetweenMessages && Connection.read([ended], limits: limits).status != nil
  }
}

enum Llhttp {
  static let file = ProcessInfo.processInfo.environment["CAUSEWAY_CONFORMANCE"].map { $0 + "/llhttp.ndjson" }

  struct Sample {
    let id: String
    let input: [UInt8]
    let isRefused: Bool
    let messages: [JSON]
    /// The case ends with the connection: a message that is not complete then never will be.
    let isFinished: Bool

    func isSeenToEnd(in reading: Connection.Reading) -> Bool {
      !isFinished || reading.isBetweenMessages == messages.allSatisfy { $0["complete"]?.bool == true }
    }

    func isSeen(in reading: Connection.Reading) -> Bool {
      let complete = messages.filter { $0["complete"]?.bool == true }
      guard complete.count == reading.messages.count else { return false }
      return zip(complete, reading.messages).allSatisfy { expected, seen in
        expected["method"]?.string == seen.head.method.rawValue && expected["url"]?.string == seen.head.target
          && expected["body"]?.string.map { Array($0.utf8) } == seen.body
      }
    }
  }

  static func cases() throws -> [Sample] {
    let contents = try #require(FileManager.default.contents(atPath: file ?? ""))
    return try contents.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let sample = try JSON.parse(Array(line))
      guard let type = sample["type"]?.string, type == "request" || type == "request-finish" else { return nil }
      let text = try #require(sample["input"]?.string)
      let input = Data(base64Encoded: text)
      return Sample(
        id: try #require(sample["id"]?.string),
        input: withHosts(Array(try #require(input))), isRefused: sample["error"]?.isNull == false,
        messages: sample["messages"]?.array ?? [], isFinished: type == "request-finish")
    }
  }

  /// llhttp asks for no Host, and most of its cases have none: each head without one gets one, so that the cases are
  /// judged for what they are about.
  private static func withHosts(_ input: [UInt8]) -> [UInt8] {
    let end = Array(" HTTP/1.1\r\n".utf8)
    var output: [UInt8] = []
    var index = 0
    while index < input.count {
      output.append(input[index])
      index += 1
      guard output.count >= end.count, output.suffix(end.count).elementsEqual(end) else { continue }
      let rest = String(decoding: input[index...], as: UTF8.self)
      let head = rest.range(of: "\r\n\r\n").map { rest[..<$0.lowerBound] } ?? rest[...]
      if !head.lowercased().contains("host:") { output += Array("Host: a\r\n".utf8) }
    }
    return output
  }
}
