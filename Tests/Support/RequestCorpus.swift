import Foundation
import Testing

/// The house corpus of requests, `Tests/Corpus`; its first file says how it is written.
public struct RequestCase: Sendable, CustomTestStringConvertible {
  public struct Answer: Sendable {
    public var status: Int
    /// The body, where it matters.
    public var text: String?
    /// A field that must be there.
    public var field: (name: String, value: String)?
    /// HEAD was asked.
    public var isBodyless = false
  }

  public enum End: String, Sendable { case open, closed, cut }

  public var file: String
  public var title: String
  /// The section of an RFC, or of the house.
  public var rule: String
  /// Whether it takes a server to answer, not only a parser.
  public var isOfServer = false
  public var raw: [UInt8] = []
  public var answers: [Answer] = []
  public var end = End.closed

  public var testDescription: String { "\(file): \(title) (\(rule))" }

  /// Whether every request in it is well-formed.
  public var isAccepted: Bool { answers.allSatisfy { $0.status < 300 } }
}

public enum RequestCorpus {
  public struct Malformed: Error {
    let line: String
  }

  public static let files = [
    "1-request-line", "2-fields", "3-lengths", "4-codings", "5-chunks", "6-limits", "7-connections", "8-server",
  ]

  public static func all() throws -> [RequestCase] { try files.flatMap { try cases(in: $0) } }

  public static func cases(in file: String) throws -> [RequestCase] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Corpus")
    let text = try String(contentsOf: folder.appendingPathComponent(file + ".txt"), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }
    return try lines.split(separator: "").map { try parse($0, file) }
  }

  private static func parse(_ lines: ArraySlice<Substring>, _ file: String) throws -> RequestCase {
    let parts = (lines.first ?? "").components(separatedBy: " · ")
    guard parts.count == 2 || parts.count == 3 && parts[2] == "server" else {
      throw Malformed(line: parts.joined(separator: " · "))
    }
    var sample = RequestCase(file: file, title: parts[0], rule: parts[1], isOfServer: parts.count == 3)
    var end: RequestCase.End?
    for line in lines.dropFirst() {
      let rest = line.dropFirst(2)
      switch line.first {
      case ">": sample.raw += try octets(rest)
      case "<": sample.answers.append(try answer(rest))
      case "=": end = RequestCase.End(rawValue: String(rest))
      default: throw Malformed(line: String(line))
      }
    }
    let isGood = sample.answers.last.map { $0.status < 300 } ?? false
    sample.end = end ?? (isGood ? .open : .closed)
    return sample
  }

  /// `200 GET /`, `405 Allow: GET, HEAD`, `404 -`, `400`.
  private static func answer(_ text: Substring) throws -> RequestCase.Answer {
    let parts = text.split(separator: " ", maxSplits: 1)
    guard let status = parts.first.flatMap({ Int($0) }) else { throw Malformed(line: String(text)) }
    var answer = RequestCase.Answer(status: status)
    guard parts.count == 2 else { return answer }
    if parts[1] == "-" {
      answer.isBodyless = true
    } else if status == 200 {
      answer.text = String(decoding: try octets(parts[1]), as: UTF8.self)
    } else {
      let field = parts[1].components(separatedBy: ": ")
      guard field.count == 2 else { throw Malformed(line: String(text)) }
      answer.field = (field[0], field[1])
    }
    return answer
  }

  private static func octets(_ text: Substring) throws -> [UInt8] {
    var octets: [UInt8] = []
    var rest = text.utf8[...]
    while let octet = rest.popFirst() {
      switch octet {
      case UInt8(ascii: "\\"): octets.append(try escape(&rest))
      case UInt8(ascii: "{"):
        if let (unit, count, length) = repetition(rest) {
          let unit = try Self.octets(unit)
          for _ in 0..<count { octets += unit }
          rest = rest.dropFirst(length)
        } else {
          octets.append(octet)
        }
      default: octets.append(octet)
      }
    }
    return octets
  }

  private static func escape(_ rest: inout Substring.UTF8View) throws -> UInt8 {
    switch rest.popFirst() {
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "0"): return 0
    case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
    case UInt8(ascii: "x"):
      defer { rest = rest.dropFirst(2) }
      if let octet = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) { return octet }
    default: break
    }
    throw Malformed(line: String(decoding: rest, as: UTF8.self))
  }

  /// What is repeated, how often, and how long the notation is behind its brace.
  private static func repetition(_ rest: Substring.UTF8View) -> (unit: Substring, count: Int, length: Int)? {
    guard let close = rest.firstIndex(of: UInt8(ascii: "}")),
      let star = rest[..<close].lastIndex(of: UInt8(ascii: "*")),
      let count = Int(String(decoding: rest[rest.index(after: star)..<close], as: UTF8.self))
    else { return nil }
    return (Substring(rest[..<star]), count, rest.distance(from: rest.startIndex, to: close) + 1)
  }
}
