import Foundation
import Testing

/// What the repository itself promises a newcomer.
@Suite struct RepositoryTests {
  @Test(arguments: [
    "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile", ".swift-format", ".gitignore", ".ci/run",
    "openapi/causeway.yaml", "deploy/lead-to-cash/causeway.yaml", "deploy/systemd/causeway.service",
    "deploy/docker/Dockerfile",
  ])
  func `what a newcomer looks for is there`(path: String) {
    #expect(FileManager.default.fileExists(atPath: Tree.root.appending(path: path).path(percentEncoded: false)))
  }

  @Test func `every test file is a test of the target its folder names`() {
    for file in Tree.tests where file.room.hasSuffix("Tests") {
      let target = String(file.room.dropLast("Tests".count))
      #expect(Tree.sources.contains { $0.room == target }, "\(file.path): there is no Sources/\(target)")
    }
  }
}
