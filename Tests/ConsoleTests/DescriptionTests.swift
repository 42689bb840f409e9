import Foundation
import Testing

@testable import Console

/// `openapi/causeway.yaml` beside what is answered.
@Suite struct DescriptionTests {
  /// The public listener's routes, as the contract has them.
  static let publicRoutes: Set<String> = [
    "POST /hooks/{endpoint}", "POST /hooks/{endpoint}/{token}", "GET /healthz", "GET /readyz",
  ]

  @Test func `every route is described, and nothing else`() throws {
    let routes = Routes.all.map { route in
      let path = route.pattern.split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
      return "\(route.method.rawValue) \(path)"
    }
    #expect(try Self.described() == Set(routes).union(Self.publicRoutes))
  }

  /// What any request may be answered with, whatever it asks for.
  static let everywhere: Set<String> = [
    "400", "405", "408", "411", "413", "414", "415", "417", "431", "501", "503", "505",
  ]

  @Test func `every operation describes what is answered before routing, and what its listener refuses`() throws {
    for (operation, statuses) in try Self.statuses() {
      #expect(Self.everywhere.isSubset(of: statuses), "\(operation)")
      #expect(statuses.contains("421") != Self.publicRoutes.contains(operation), "\(operation)")
      #expect(statuses.contains { $0.hasPrefix("2") }, "\(operation)")
    }
  }

  /// The statuses of each operation; an alias (`*webhook`) has those of its anchor.
  static func statuses() throws -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    var anchors: [Substring: String] = [:]
    var path = ""
    var operation = ""
    for line in try text().split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      let word = line.dropFirst(indent).prefix { $0 != ":" }
      if indent == 2 { path = String(word) }
      if indent == 4, path.hasPrefix("/") { operation = "\(word.uppercased()) \(path)" }
      if indent == 6, word == "responses" {
        let name = line.dropFirst(indent + word.count + 2)
        if name.hasPrefix("&") { anchors[name.dropFirst()] = operation }
        found[operation] = name.hasPrefix("*") ? anchors[name.dropFirst()].flatMap { found[$0] } : []
      }
      if indent == 8, word.hasPrefix("\"") { found[operation]?.insert(String(word.dropFirst().dropLast())) }
    }
    return found
  }

  static func text() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: "openapi/causeway.yaml"), encoding: .utf8)
  }

  /// `GET /path` of the description's `paths`, told by its indentation.
  static func described() throws -> Set<String> {
    var found: Set<String> = []
    var isInside = false
    var path = ""
    for line in try text().split(separator: "\n") {
      let indent = line.prefix { $0 == " " }.count
      let word = line.dropFirst(indent).prefix { $0 != ":" }
      if indent == 0, !line.hasPrefix("#") { isInside = word == "paths" }
      guard isInside else { continue }
      if indent == 2 { path = String(word) }
      if indent == 4, ["get", "post", "put", "patch", "delete"].contains(word) {
        found.insert("\(word.uppercased()) \(path)")
      }
    }
    return found
  }
}
