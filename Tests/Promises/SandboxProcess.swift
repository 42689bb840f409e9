import Client
import Formats
import Foundation
import Glibc
import HTTP
import Simulators

/// `causeway sandbox` as a process of its own.
final class SandboxProcess {
  private let process = Process()
  private let folder: String
  private var systems: [String] = []

  init(folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = FileManager.default.createFile(atPath: folder + "/out", contents: nil)
    process.executableURL = URL(fileURLWithPath: ProductProcess.program)
    process.arguments = ["sandbox", "--salesforce", "127.0.0.1:0", "--netsuite", "127.0.0.1:0", "--keys", folder]
    process.standardOutput = FileHandle(forWritingAtPath: folder + "/out")
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
  }

  /// What it says to export.
  func ready() async throws -> [String: String] {
    let line = try await Probe.wait(for: "the sandbox to be ready") { () async throws -> JSON? in
      let text = String(decoding: FileManager.default.contents(atPath: folder + "/out") ?? Data(), as: UTF8.self)
      guard text.contains("\n") else { return nil }
      return try JSON.parse(String(text.prefix { $0 != "\n" }))
    }
    systems = ["salesforce", "netsuite"].compactMap { line[$0]?["url"]?.string }
    var environment: [String: String] = [:]
    for (name, value) in line["environment"]?.object?.members ?? [] { environment[name] = value.string }
    guard environment["CRM_TOKEN"] != nil else { throw ProductProcess.Failed(description: "no token in \(line.text)") }
    return environment
  }

  func deliver(to product: String, _ client: CurlClient) async throws {
    for system in systems {
      let body: JSON = ["url": .string(product)]
      let response = try await client.send(
        OutgoingRequest(
          method: .put, url: system + "/simulator/deliver", fields: ["Content-Type": "application/json"],
          body: body.bytes, deadline: 10_000))
      guard response.status == 204 else { throw ProductProcess.Failed(description: "deliver: \(response.status)") }
    }
  }

  func stop() async throws {
    if process.isRunning { Glibc.kill(process.processIdentifier, SIGTERM) }
    try await Probe.wait(for: "the sandbox to end") { !process.isRunning }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
