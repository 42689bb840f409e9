import Crypto
import Events
import Formats
import Foundation
import Posix
import Queue
import Simulators
import Support
import Testing

/// `causeway queue`, on a queue that takes events all the while.
@Suite struct ABackupUnderLoadHasWhatWasAcknowledged {
  static let keys = 8

  private static func event(_ number: Int) -> Event {
    let text = #"{"number":\#(number),"text":"\#(String(repeating: "x", count: number % 700))"}"#
    return Event(
      system: System(.json, "in"), endpoint: "in", id: "\(number)", kind: .json, key: "\(number % keys)", subject: "s",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: Array(text.utf8))
  }

  private static func open(_ folder: String) throws -> FileQueue {
    var options = QueueOptions()
    options.segmentSize = 1 << 18
    options.reserve = 1 << 14
    options.minimumFree = 0
    return try FileQueue.open(folder: folder + "/queue", options: options)
  }

  /// Appends until it is told to stop, or has appended much; what was acknowledged so far.
  private final class Load: Sendable {
    private let acknowledged = Lock<Set<Int>>([])
    private let isOver = Lock(false)

    var soFar: Set<Int> { acknowledged.withLock { $0 } }
    func stop() { isOver.withLock { $0 = true } }

    func run(_ queue: FileQueue, _ lane: Int) async throws {
      var number = lane
      while number < 100_000, !Task.isCancelled, !isOver.withLock({ $0 }) {
        _ = try await queue.append([event(number)])
        acknowledged.withLock { _ = $0.insert(number) }
        number += keys
      }
    }
  }

  @Test(.timeLimit(.minutes(2))) func `a backup under load is restored with every event that was acknowledged`()
    async throws
  {
    let product = try ProductProcess(environment: [:], folder: ProductProcess.temporaryFolder())
    defer {
      product.client.close()
      product.remove()
    }
    let load = Load()
    let queue = try Self.open(product.data)
    let before = try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.keys { group.addTask { try await load.run(queue, lane) } }
      try await Probe.wait(for: "some segments") { load.soFar.count > 3_000 }
      let before = load.soFar
      let (status, said) = try await product.command([
        "queue", "backup", product.folder + "/backup", "--data", product.data,
      ])
      #expect(status == 0, "\(said)")
      load.stop()
      try await group.waitForAll()
      return before
    }
    await queue.close()

    let other = product.folder + "/other"
    let (restored, why) = try await product.command(["queue", "restore", product.folder + "/backup", "--data", other])
    #expect(restored == 0, "\(why)")
    let again = try Self.open(other)
    #expect(again.recovery.damage.isEmpty)
    var found: [Int: [UInt8]] = [:]
    for entry in try await again.list(Filter(), after: nil, limit: .max) {
      found[Int(entry.event.id) ?? -1] = entry.event.payload
    }
    await again.close()
    #expect(before.subtracting(found.keys) == [])
    #expect(found.allSatisfy { Self.event($0.key).payload == $0.value })

    // The restored folder holds a queue now: nothing is written over it.
    let (refused, _) = try await product.command(["queue", "restore", product.folder + "/backup", "--data", other])
    #expect(refused == 1)
  }

  @Test func `verify names a damaged record by its segment and its sequence, and export gives the others`() async throws
  {
    let product = try ProductProcess(environment: [:], folder: ProductProcess.temporaryFolder())
    defer {
      product.client.close()
      product.remove()
    }
    let queue = try Self.open(product.data)
    for number in 1...9 { _ = try await queue.append([Self.event(number)]) }
    await queue.close()
    let from = ["--data", product.data]
    let (whole, _) = try await product.command(["queue", "verify"] + from)
    #expect(whole == 0)
    let (_, all) = try await product.command(["queue", "export"] + from)
    let lines = try all.split(separator: "\n").map { try JSON.parse(String($0)) }
    #expect(lines.map { $0["sequence"]?.int } == (1...9).map { Int64($0) })
    for (number, line) in zip(1...9, lines) {
      #expect(line["payload"]?.string.flatMap { Base64.decode($0) } == Self.event(number).payload)
    }
    let (_, stats) = try await product.command(["queue", "stats", "--json"] + from)
    let sums = try JSON.parse(stats)
    #expect(sums["received"]?.int == 9 && sums["states"]?["queued"]?.int == 9 && sums["identities"]?["count"]?.int == 9)

    let path = product.data + "/queue/00000000000000000001.log"
    var bytes = try #require(FileManager.default.contents(atPath: path))
    let payload = Data(Self.event(5).payload)
    let place = try #require(bytes.range(of: payload))
    bytes[place.lowerBound + 3] ^= 1
    #expect(FileManager.default.createFile(atPath: path, contents: bytes))
    let (status, said) = try await product.command(["queue", "verify"] + from)
    #expect(status == 1 && said.contains("00000000000000000001.log at") && said.contains(": 5\n"), "\(said)")
    #expect(FileManager.default.contents(atPath: path) == bytes)
    let (_, rest) = try await product.command(["queue", "export"] + from)
    #expect(rest.split(separator: "\n").count == 8)
  }
}
