import Formats
import Posix

/// Looks again and again until what is waited for is there: no fixed sleeps.
public enum Probe {
  public struct Late: Error, CustomStringConvertible {
    public let description: String
  }

  /// - Parameters:
  ///   - what: ends the sentence "waited … for".
  ///   - look: nil where it is not there yet.
  public static func wait<Found: Sendable>(
    for what: String, seconds: Int64 = 30, _ look: () async throws -> Found?
  ) async throws -> Found {
    let end = Clock.monotonicNanoseconds() + seconds * 1_000_000_000
    var pause: UInt64 = 5_000_000
    while true {
      if let found = try await look() { return found }
      guard Clock.monotonicNanoseconds() < end else { throw Late(description: "waited \(seconds) s for \(what)") }
      try await Task.sleep(nanoseconds: pause)
      pause = min(pause * 2, 60_000_000)
    }
  }

  public static func wait(for what: String, seconds: Int64 = 30, until holds: () async throws -> Bool) async throws {
    _ = try await wait(for: what, seconds: seconds) { () async throws -> Bool? in try await holds() ? true : nil }
  }
}

/// Compares what is there with what should be, and keeps every difference.
public struct Findings: Sendable {
  public private(set) var wrong: [String] = []
  public private(set) var right = 0

  public init() {}

  /// Numbers by value, a missing member as null, references by id or name.
  public mutating func expect(_ what: String, _ found: JSON?, is wanted: JSON) {
    if Self.same(found ?? .null, wanted) {
      right += 1
    } else {
      wrong.append("\(what) is \((found ?? .null).text), not \(wanted.text)")
    }
  }

  public mutating func expect(_ what: String, _ holds: Bool) {
    if holds { right += 1 } else { wrong.append("not so: \(what)") }
  }

  /// All members of `wanted`.
  public mutating func expect(_ what: String, _ found: JSON, has wanted: JSONObject) {
    for (name, value) in wanted.members { expect("\(what).\(name)", found[name], is: value) }
  }

  private static func same(_ found: JSON, _ wanted: JSON) -> Bool {
    if let left = number(found), let right = number(wanted) { return left == right }
    if found.object != nil, wanted.string != nil { return found["refName"] == wanted || found["id"] == wanted }
    return found == wanted
  }

  private static func number(_ json: JSON) -> ExactDecimal? { json.decimal }
}
