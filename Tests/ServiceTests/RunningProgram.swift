import Foundation
import HTTP
import Logging
import Net
import Posix
import Support
import Testing
import Web

@testable import Service

/// A program in this process, on a folder of its own, with one endpoint `x` that verifies nothing unless told.
struct RunningProgram {
  let folder: String
  let program: Program

  /// - Parameter listen: what stands under `public:`; `FOLDER` is the folder.
  init(
    _ listen: String, drain: String = "{ delay: 0s }", verify: String = "none", tls: String? = nil,
    files: [String: [UInt8]] = [:], inherited: InheritedSockets? = nil
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "c-\(UUID().uuidString.prefix(8))")
      .path(percentEncoded: false)
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = """
      data: ./data
      listen: { public: \(listen), console: 127.0.0.1:0 }
      drain: \(drain)
      endpoints: { x: { kind: json, id: body.id, verify: \(verify) } }
      \(tls.map { "tls: \($0)" } ?? "")
      """.replacingOccurrences(of: "FOLDER", with: folder)
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder + "/" + name)) }
    try text.write(toFile: folder + "/causeway.yaml", atomically: true, encoding: .utf8)
    program = try await Self.open(folder, inherited)
  }

  static func open(_ folder: String, _ inherited: InheritedSockets? = nil) async throws -> Program {
    let (loaded, problems) = Configuration.load(folder: folder)
    #expect(problems == [])
    var options = Program.Options()
    options.inherited = inherited
    return try await Program.open(
      try #require(loaded), environment: [:], options: options,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func listen() throws -> Program.Addresses {
    try program.listen(console: HandlerFunction { _ in .problem(.notFound) })
  }

  func end() async {
    await program.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// GET, or POST where there is a body.
  static func ask(_ address: SocketAddress, _ path: String, _ body: String? = nil) async throws -> RawClient.Answer {
    let client = try RawClient(address)
    let head = body == nil ? "GET" : "POST"
    let fields = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
    try client.send("\(head) \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\(body ?? "")")
    return try await client.readAnswer()
  }
}
