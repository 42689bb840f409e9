import Client
import Formats
import Foundation
import Glibc
import HTTP
import Posix
import Simulators

/// `causeway serve` as a process of its own, on a copy of `deploy/lead-to-cash` that listens on ports the kernel chooses.
final class ProductProcess: StoryProduct {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  private struct Running {
    var process: Process?
    var console = ""
    /// Of the public listeners, in the order of the configuration.
    var addresses: [String] = []
    var start = 0
  }

  let folder: String
  let client: CurlClient
  private let environment: [String: String]
  private let running = Lock(Running())

  /// The program beside the test bundle.
  static var program: String {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let own = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("causeway").path
  }

  var config: String { folder + "/config" }
  var data: String { folder + "/data" }

  init(environment: [String: String], folder: String) throws {
    self.environment = environment
    self.folder = folder
    client = try CurlClient(policy: .publicAndLoopback)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: DeployedFolder.path, toPath: config)
    try edit("causeway.yaml") {
      $0.replacingOccurrences(of: "127.0.0.1:8080", with: "127.0.0.1:0")
        .replacingOccurrences(of: "127.0.0.1:8081", with: "127.0.0.1:0")
        // Nobody's load balancer has to notice.
        .replacingOccurrences(of: "connections:\n", with: "drain: { delay: 0s }\nconnections:\n")
    }
  }

  // A test that failed half-way leaves nothing running.
  deinit {
    guard let process = running.withLock({ $0.process }), process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
  }

  static func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("promise-\(UUID().uuidString)").path
  }

  func edit(_ file: String, _ change: (String) -> String) throws {
    let path = config + "/" + file
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    guard FileManager.default.createFile(atPath: path, contents: Data(change(text).utf8)) else {
      throw Failed(description: "cannot write \(path)")
    }
  }

  // MARK: life and death

  /// Begins a process and does not wait for it.
  func spawn() throws {
    let number = running.withLock { running in
      running.start += 1
      return running.start
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = ["serve", "--config", config, "--data", data]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    _ = FileManager.default.createFile(atPath: log(number), contents: nil)
    let said = FileHandle(forWritingAtPath: log(number))
    process.standardError = said
    process.standardOutput = said
    try process.run()
    running.withLock { $0.process = process }
  }

  /// The address of the first public listener, once it is ready.
  func ready() async throws -> String {
    let number = running.withLock { $0.start }
    let line = try await Probe.wait(for: "the product to be ready") { () async throws -> JSON? in
      let text = String(decoding: FileManager.default.contents(atPath: log(number)) ?? Data(), as: UTF8.self)
      for line in text.split(separator: "\n") {
        if let json = try? JSON.parse(String(line)), json["message"]?.string == "ready" { return json }
      }
      guard isAlive else { throw Failed(description: "the product ended: \(text.suffix(2000))") }
      return nil
    }
    return running.withLock { running in
      running.console = "http://\(line["console"]?.string ?? "")"
      running.addresses = (line["public"]?.string ?? "").split(separator: " ").map(String.init)
      return "http://\(running.addresses.first ?? "")"
    }
  }

  /// Of the first public listener, as it was last ready.
  var address: String { "http://\(addresses.first ?? "")" }

  /// Of all of them.
  var addresses: [String] { running.withLock { $0.addresses } }

  var processIdentifier: Int32? { running.withLock { $0.process?.processIdentifier } }

  var isAlive: Bool { running.withLock { $0.process?.isRunning ?? false } }

  /// SIGKILL; returns when it is gone.
  func kill() async throws { try await end(SIGKILL) }

  /// SIGTERM; returns when it has drained.
  func stop() async throws { try await end(SIGTERM) }

  private func end(_ signal: Int32) async throws {
    guard let process = running.withLock({ $0.process }) else { return }
    if process.isRunning { Glibc.kill(process.processIdentifier, signal) }
    try await Probe.wait(for: "the product to end") { !process.isRunning }
    running.withLock { $0.process = nil }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func log(_ number: Int) -> String { "\(folder)/serve-\(number).log" }

  /// What the last process said, for a failure.
  var said: String {
    let number = running.withLock { $0.start }
    return String(decoding: (FileManager.default.contents(atPath: log(number)) ?? Data()).suffix(6000), as: UTF8.self)
  }

  /// What all of its processes said.
  var saidByAll: String {
    let count = running.withLock { $0.start }
    return (0..<count).map { number in
      String(decoding: FileManager.default.contents(atPath: log(number + 1)) ?? Data(), as: UTF8.self)
    }.joined()
  }

  // MARK: looking in

  func work() async throws -> StoryWork {
    let events = try await api(.get, "/api/v1/status")["events"] ?? .null
    func count(_ name: String) -> Int { Int(events[name]?.int ?? 0) }
    return StoryWork(pending: count("queued") + count("leased") + count("retrying"), received: count("received"))
  }

  func held() async throws -> [String] {
    try await list().filter { $0["state"]?.string == "held" }.map { ($0["reason"] ?? .null).text }
  }

  func retryHeld() async throws { _ = try await api(.post, "/api/v1/events/retry", ["state": "held"]) }

  private func api(_ method: HTTP.Method, _ path: String, _ body: JSON? = nil) async throws -> JSON {
    try JSON.parse(try await console(path, method, body))
  }

  /// What the console listener answers.
  func console(_ path: String, _ method: HTTP.Method = .get, _ body: JSON? = nil) async throws -> [UInt8] {
    let console = running.withLock { $0.console }
    let fields: Fields = body == nil ? [:] : ["Content-Type": "application/json"]
    let response = try await client.send(
      OutgoingRequest(method: method, url: console + path, fields: fields, body: body?.bytes ?? [], deadline: 10_000))
    guard response.status == 200 else { throw Failed(description: "\(path): \(response.status)") }
    return response.body
  }

  /// `causeway events list --json`.
  func list() async throws -> [JSON] {
    let (status, text) = try await command(["events", "list", "--json", "--config", config, "--data", data])
    guard status == 0 else { throw Failed(description: "events list: \(status)") }
    return try text.split(separator: "\n").map { try JSON.parse(String($0)) }
  }

  /// A command of the program, until it ends: its status, and what it said.
  func command(_ arguments: [String]) async throws -> (status: Int32, output: String) {
    let file = folder + "/command-\(UUID().uuidString)"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = arguments
    let said = FileHandle(forWritingAtPath: file)
    process.standardError = said
    process.standardOutput = said
    try process.run()
    try await Probe.wait(for: "\(arguments.prefix(2).joined(separator: " "))") { !process.isRunning }
    let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    return (process.terminationStatus, text)
  }
}
