import Foundation
import Simulators
import Testing

/// A short run of what `Tests/Peers/rolling-restarts` does a hundred times, where haproxy and Python are there.
@Suite(.serialized) struct ARollingRestartFailsNoRequest {
  static let hasTools = ["/usr/sbin/haproxy", "/usr/bin/python3"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(
    .enabled(if: hasTools, "haproxy or python3 is not installed"), .timeLimit(.minutes(4)),
    arguments: [
      ("nodes", "2", 24_200), ("socket", "3", 24_210),
    ])
  func `neither of two nodes in turns, nor of one behind a socket that is held`(
    way: String, restarts: String, port: Int
  ) async throws {
    let output = FileManager.default.temporaryDirectory.path + "/restarts-\(UUID().uuidString)"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    defer { try? FileManager.default.removeItem(atPath: output) }
    let script = URL(fileURLWithPath: DeployedFolder.path).appendingPathComponent("../../Tests/Peers/rolling-restarts")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [
      script.standardized.path, "--program", ProductProcess.program, "--way", way, "--restarts", restarts,
      "--delay", "4000", "--rate", "200", "--port", "\(port)",
    ]
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = process.standardOutput
    try process.run()
    try await Probe.wait(for: "the restarts", seconds: 200) { !process.isRunning }
    let said = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(said)")
    #expect(said.contains("failed 0\n"), "\(said)")
  }
}
