import Crypto
import Events
import Formats
import Foundation
import Queue
import Testing

@testable import Simulators

/// `causeway events erase`: nothing of what it is for is left in the queue's files, and everything else is as it was.
@Suite struct APersonIsErasedByOneCommand {
  private static let person = "ada@example.com"

  private static func event(_ number: Int) -> Event {
    let mail = number.isMultiple(of: 3) ? person : "bob@example.com"
    return Event(
      system: System(.json, "in"), endpoint: "in", id: "\(number)", kind: .json, key: "\(number % 4)", subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: Array(#"{"mail":"\#(mail)"}"#.utf8))
  }

  /// Files below a folder that hold the text.
  private func files(in folder: String, with text: String) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
    return names.filter { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)")?.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `from a folder that no process has open, and from what a backup links to`() async throws {
    let product = try ProductProcess(environment: [:], folder: ProductProcess.temporaryFolder())
    defer {
      product.client.close()
      product.remove()
    }
    let (folder, backup) = (product.data + "/queue", product.folder + "/backup")
    let queue = try FileQueue.open(folder: folder)
    _ = try await queue.append((1...9).map(Self.event))
    await queue.close()
    let (saved, why) = try await product.command(["queue", "backup", backup, "--data", product.data])
    #expect(saved == 0, "\(why)")
    #expect(try !files(in: folder, with: Self.person).isEmpty)

    let (refused, help) = try await product.command(["events", "erase", "--data", product.data])
    #expect(refused != 0 && help.contains("--containing"), "\(help)")
    #expect(try !files(in: folder, with: Self.person).isEmpty)

    let (status, said) = try await product.command([
      "events", "erase", "--containing", Self.person, "--reason", "she asked for it", "--data", product.data,
    ])
    #expect(status == 0 && said.contains("erase: 3 events"), "\(said)")
    #expect(try files(in: product.data, with: Self.person) == [])
    let (sound, damage) = try await product.command(["queue", "verify", "--data", product.data])
    #expect(sound == 0, "\(damage)")

    let again = try FileQueue.open(folder: folder)
    #expect(again.recovery.damage.isEmpty)
    let entries = try await again.list(Filter(), after: nil, limit: 99)
    #expect(entries.map(\.event.id) == ["1", "2", "", "4", "5", "", "7", "8", ""])
    for entry in entries where !entry.isErased {
      #expect(entry.event == Self.event(Int(entry.event.id) ?? 0) && entry.state == .queued)
    }
    #expect(
      entries.filter(\.isErased).allSatisfy {
        $0.state == .dropped && $0.reason?.description.contains("she asked") == true
      })
    #expect(try await again.append([Self.event(3), Self.event(4)]).map(\.verdict) == [.duplicate, .duplicate])
    await again.close()
  }

  /// How many events hold the text, as they are exported.
  private func holding(_ text: String, _ product: ProductProcess) async throws -> Int {
    let (status, lines) = try await product.command(["queue", "export", "--data", product.data])
    #expect(status == 0)
    return try lines.split(separator: "\n").count { line in
      let event = try JSON.parse(String(line))
      let payload = event["payload"]?.string.flatMap { Base64.decode($0) } ?? []
      return ["id", "key", "subject"].contains { event[$0]?.string?.contains(text) == true }
        || String(decoding: payload, as: UTF8.self).contains(text)
    }
  }

  @Test(.timeLimit(.minutes(2))) func `from a service that runs, which goes on`() async throws {
    let company = try Company()
    try await company.start()
    var fields = Story.address
    fields["Name"] = "Erased Ltd"
    let account = try company.sandbox.salesforce.create("Account", fields)
    fields["Name"] = "Kept Ltd"
    let other = try company.sandbox.salesforce.create("Account", fields)
    try await company.settled()
    let product = company.product
    let before = try await product.list()
    let erased = try await holding(account, product)
    let kept = try await holding(other, product)
    // What Salesforce sent, the run, and what NetSuite sent of the customer that was made.
    #expect(erased > 2 && kept > 2)

    let (status, said) = try await product.command([
      "events", "erase", "--containing", account, "--config", product.config, "--data", product.data,
    ])
    #expect(status == 0 && said.contains("erase: \(erased) events"), "\(said)")
    #expect(try await product.list().count == before.count)
    #expect(try await holding(account, product) == 0)
    #expect(try await holding(other, product) == kept)
    // The next change of the same account is taken and worked on.
    try company.sandbox.salesforce.update("Account", account, ["Name": "Back again Ltd"])
    try await company.settled()
    #expect(try await holding(account, product) > 0)
    try await company.stop()
  }
}
