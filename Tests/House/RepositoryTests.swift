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

  static let python = "/usr/bin/python3"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python), "python3 is not installed"))
  func `every bug that is planted into the queue has its place there`() throws {
    let process = Process()
    let said = Pipe()
    process.executableURL = URL(filePath: Self.python)
    process.arguments = ["-B", Tree.root.appending(path: "Tests/Mutants/run").path(percentEncoded: false), "--check"]
    process.standardError = said
    try process.run()
    let words = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(words)")
  }

  @Test func `every test file is a test of the target its folder names`() {
    for file in Tree.tests where file.room.hasSuffix("Tests") {
      let target = String(file.room.dropLast("Tests".count))
      #expect(Tree.sources.contains { $0.room == target }, "\(file.path): there is no Sources/\(target)")
    }
  }
}
