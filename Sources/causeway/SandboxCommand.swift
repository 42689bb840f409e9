import ArgumentParser
import Foundation
import Net
import Posix
import Simulators

struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "Run a Salesforce and a NetSuite to develop and test against.",
    discussion: """
      Two HTTP services that speak the real formats and refuse what the real systems refuse, with a few products that \
      both know. When they are ready, one JSON line on standard output says where they are, and which environment to \
      export so that `causeway serve --config deploy/lead-to-cash` works against them. Changes made through their APIs \
      are sent to the product as signed events. Where CRM_TOKEN, EVENT_SECRET or ERP_SECRET are set already, they are \
      used; else they are made. Nothing outlives it.

      EXAMPLES
        causeway sandbox
        causeway sandbox --salesforce 127.0.0.1:9001 --netsuite 127.0.0.1:9002 --product http://127.0.0.1:8080
      """)

  @Option(name: .long, help: ArgumentHelp("Where Salesforce listens; port 0 takes a free one.", valueName: "host:port"))
  var salesforce = "127.0.0.1:0"
  @Option(name: .long, help: ArgumentHelp("Where NetSuite listens; port 0 takes a free one.", valueName: "host:port"))
  var netsuite = "127.0.0.1:0"
  @Option(name: .long, help: ArgumentHelp("Where events are sent: the product's public listener.", valueName: "url"))
  var product = "http://127.0.0.1:8080"
  @Option(
    name: .long, help: ArgumentHelp("Keep the private keys in this folder, and use them again.", valueName: "dir"))
  var keys: String?

  func run() async throws {
    let signals = try Signals.stream(of: [.terminate, .interrupt])
    Signals.ignoreBrokenPipes()
    let folder = keys ?? FileManager.default.temporaryDirectory.path + "/causeway-sandbox-\(UUID().uuidString)"
    defer { if keys == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let sandbox = try start(folder)
    Output.line(sandbox.description.json.text)
    for await _ in signals { break }
    await sandbox.stop()
  }

  private func start(_ folder: String) throws -> Sandbox {
    var options = Sandbox.Options(folder: folder)
    options.salesforce = try address(salesforce, "--salesforce")
    options.netsuite = try address(netsuite, "--netsuite")
    guard product.hasPrefix("http://") || product.hasPrefix("https://") else {
      throw Failed("--product: `\(product)` is no http or https URL", code: 2)
    }
    options.product = product.hasSuffix("/") ? String(product.dropLast()) : product
    options.crmToken = Machine.environment["CRM_TOKEN"]
    options.eventSecret = Machine.environment["EVENT_SECRET"]
    options.erpSecret = Machine.environment["ERP_SECRET"]
    do {
      return try Sandbox(options)
    } catch {
      throw Failed("the sandbox does not start: \(error)")
    }
  }

  private func address(_ text: String, _ name: String) throws -> SocketAddress {
    guard let address = SocketAddress(text), address.port != nil else {
      throw Failed("\(name): `\(text)` is no address; say it as 127.0.0.1:9001", code: 2)
    }
    return address
  }
}
