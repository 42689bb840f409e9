import Flows
import Foundation
import Testing

@testable import Service

/// A configuration folder that lasts as long as the test.
final class Folder {
  let path: String

  init(_ files: [String: String]) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "causeway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  func load() -> (loaded: Loaded?, problems: [String]) {
    let (loaded, problems) = Configuration.load(folder: path)
    return (loaded, problems.map(\.description))
  }
}
