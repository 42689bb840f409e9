import Client
import Console
import Events
import Foundation
import Ledger
import Logging
import Net
import Posix
import Queue
import Service
import Simulators

/// Both systems and the product in one process, on ports of their own, for as long as the story takes.
struct Demo: Sendable {
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  let folder: String
  let sandbox: Sandbox
  let program: Program
  let story: Story
  let console: SocketAddress
  private let client: CurlClient

  /// True where everything came out right. Tells on standard output what happens, and on standard error what is wrong.
  static func play(config: String, serve: Bool) async -> Bool {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("causeway-demo-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let demo = try await Demo(config: config, folder: folder)
      let isRight = await demo.tell(serve: serve)
      await demo.stop()
      if isRight { say("demo: ok") }
      return isRight
    } catch {
      complain("\(error)")
      return false
    }
  }

  private init(config: String, folder: String) async throws {
    self.folder = folder
    let (loaded, problems) = Configuration.load(folder: config)
    guard let loaded else { throw Refused(description: problems.map(\.description).joined(separator: "\n")) }
    let tape = Tape()
    var options = Sandbox.Options(folder: folder + "/keys")
    options.retryMilliseconds = 200
    sandbox = try Sandbox(options, courier: tape.deliver)
    client = try CurlClient(policy: .publicAndLoopback)
    var settings = Program.Options()
    settings.data = folder + "/data"
    settings.publicListener = .loopback()
    settings.consoleListener = .loopback()
    settings.retry.base = 100
    settings.retry.cap = 2_000
    let log = Logger(label: "causeway", factory: { _ in SwiftLogNoOpLogHandler() })
    program = try await Program.open(loaded, environment: sandbox.description.environment, options: settings, log: log)
    let addresses = try program.listen(console: ConsoleHandler(program: program))
    console = addresses.console
    let product = addresses.publicListeners.map { "http://\($0)" }.joined(separator: " ")
    sandbox.deliver(to: product)
    story = try Story(sandbox, tape, DemoProduct(program: program), client)
    Self.say("Salesforce   \(sandbox.description.salesforceURL)")
    Self.say("NetSuite     \(sandbox.description.netsuiteURL)")
    Self.say("causeway     \(product)   console http://\(console)")
  }

  private func tell(serve: Bool) async -> Bool {
    var scene = Scene { Self.say("     \($0)") }
    var rows: [DemoRow] = []
    var isRight = true
    for (index, chapter) in Story.chapters.enumerated() {
      Self.say("\n  \(index + 1)  \(chapter.title)")
      let meter = await DemoMeter(self)
      do {
        try await chapter.play(story, &scene)
      } catch {
        Self.complain("story \(index + 1): \(error)")
        isRight = false
        break
      }
      rows.append(await meter.row(number: index + 1, title: chapter.title))
    }
    for line in scene.findings.wrong { Self.complain(line) }
    if !scene.findings.wrong.isEmpty { isRight = false }
    if !isRight { await complainOfEvents() }
    Self.say("\n" + DemoTable.text(rows))
    Self.say("  calls: of the product, to SF Salesforce and NS NetSuite\n")
    Self.say("\(scene.findings.right) values and counts were looked up on the other side and were right.")
    if serve { await leaveOpen() }
    return isRight
  }

  private func leaveOpen() async {
    Self.say("\nThe console is open at http://\(console), until Ctrl-C.")
    guard let signals = try? Signals.stream(of: [.interrupt, .terminate]) else { return }
    for await _ in signals { break }
    Self.say("")
  }

  /// What is not done says why.
  private func complainOfEvents() async {
    let filter = Filter(states: [.held, .dead, .retrying, .queued, .leased])
    for entry in (try? await program.queue.list(filter, after: nil, limit: 20)) ?? [] {
      Self.complain(
        "\(entry.state.rawValue) \(entry.event.subject) \(entry.event.key): \(entry.reason?.description ?? "")")
    }
  }

  private func stop() async {
    await program.stop()
    await sandbox.stop()
    client.close()
  }

  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func complain(_ line: String) {
    FileHandle.standardError.write(Data("demo: \(line)\n".utf8))
  }
}

/// The product as the story sees it.
struct DemoProduct: StoryProduct {
  let program: Program

  func work() async throws -> StoryWork {
    let counts = await program.queue.counts()
    let states: [EventState] = [.queued, .leased, .retrying]
    let pending = states.reduce(UInt64(0)) { $0 + (counts.byState[$1] ?? 0) }
    return StoryWork(pending: Int(pending), received: Int(counts.received))
  }

  func held() async throws -> [String] {
    try await program.queue.list(Filter(states: [.held]), after: nil, limit: 100)
      .map { $0.reason?.description ?? "without a reason" }
  }

  func retryHeld() async throws { _ = try await program.queue.change(Filter(states: [.held]), .retry()) }
}
