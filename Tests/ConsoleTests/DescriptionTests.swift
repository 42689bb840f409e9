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

  /// `GET /path` of the description's `paths`, told by its indentation.
  static func described() throws -> Set<String> {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "openapi/causeway.yaml"), encoding: .utf8)
    var found: Set<String> = []
    var isInside = false
    var path = ""
    for line in text.split(separator: "\n") {
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
