import ArgumentParser

/// `causeway demo`: the whole story against the built-in Salesforce and NetSuite.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Play the lead-to-cash story against the built-in Salesforce and NetSuite.",
    discussion: """
      Starts both simulators and the product on loopback ports of their own, with a data folder that is removed \
      afterwards. Webhooks are signed, every call goes over a socket, and every value is looked up on the other side. \
      Prints a table of what arrived where and `demo: ok`; what went wrong, and exit code 1, otherwise.
      """)

  @Option(help: "The configuration folder to play with.")
  var config = "deploy/lead-to-cash"

  @Flag(help: "Leave the console open when the story is over, until Ctrl-C.")
  var serve = false

  func run() async throws {
    guard await Demo.play(config: config, serve: serve) else { throw ExitCode(1) }
  }
}
