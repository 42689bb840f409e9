import Foundation

/// The repository's text files, read once.
struct Tree {
  struct File {
    /// Relative to the root: `Sources/Queue/Format.swift`.
    let path: String
    let lines: [Substring]

    /// The room (target) it belongs to: the second part of its path.
    var room: String { String(path.split(separator: "/").dropFirst().first ?? "") }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let sources = swift(under: "Sources")
  static let tests = swift(under: "Tests")

  static func file(_ path: String) throws -> File {
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
  }

  static func swift(under folder: String) -> [File] {
    files(under: folder).filter { $0.path.hasSuffix(".swift") && !$0.path.contains("/.build") }
  }

  /// How many files there are, whatever they hold.
  static func count(under folder: String) -> Int {
    let path = root.appending(path: folder).path(percentEncoded: false)
    return (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
  }

  static func files(under folder: String) -> [File] {
    guard
      let found = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
    else { return [] }
    return found.compactMap { item in
      guard let url = item as? URL, let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
      let path = String(url.path(percentEncoded: false).dropFirst(root.path(percentEncoded: false).count))
      return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }.sorted { $0.path < $1.path }
  }
}
