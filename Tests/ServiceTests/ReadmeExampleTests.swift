import Foundation
import Testing

@testable import Service

/// What README shows of `causeway.yaml` can be served.
@Suite struct ReadmeExampleTests {
  static let examples: [String] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = (try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```yaml\n").dropFirst().compactMap { part in
      part.components(separatedBy: "```").first
    }
  }()

  static let endpoints = examples.filter { $0.hasPrefix("endpoints:") }
  static let sections = examples.filter { $0.hasPrefix("tls:") }
  static let entries = examples.filter { $0.hasPrefix("- ") }

  @Test func `there are examples of every way of proving the sender`() {
    #expect(!Self.endpoints.isEmpty && !Self.sections.isEmpty)
    let all = Self.entries.joined()
    for way in VerificationLoader.ways {
      #expect(all.contains("- \(way):"), "\(way)")
    }
  }

  @Test(arguments: sections)
  func `an example of tls is taken`(example: String) throws {
    #expect(try Folder(["causeway.yaml": example]).load().problems == [])
  }

  /// Client certificates have to be asked for.
  private static let tls = "tls: { certificate: file:server.pem, key: file:server.key, client-ca: file:clients.pem }\n"

  @Test(arguments: endpoints)
  func `an example of endpoints is taken`(example: String) throws {
    #expect(try Folder(["causeway.yaml": Self.tls + example]).load().problems == [])
  }

  @Test(arguments: entries)
  func `an example of verify is taken`(example: String) throws {
    let entries = example.split(separator: "\n").map { "      \($0)\n" }.joined()
    let text = Self.tls + "endpoints:\n  x:\n    kind: json\n    id: body.id\n    verify:\n" + entries
    #expect(try Folder(["causeway.yaml": text]).load().problems == [])
  }
}
