import Events
import Formats
import Glibc
import Posix
import Support
import Testing

@testable import Queue

/// A log that this version wrote, as every later version has to read it. `Tests/Golden/queue-1` is written once, by this
/// suite with `CAUSEWAY_GOLDEN` set, and again only if the format changes before it is released.
@Suite struct GoldenTests {
  static let why = Reason(
    "field-refused", .validation, "The field {0} was refused.", quoted: ["Terms"], side: .netsuite,
    record: RecordID(type: "salesorder", id: "4711"), field: "terms")

  static var folder: String {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    return here + "/Golden/queue-1"
  }

  static var options: QueueOptions {
    var options = DamageTests.options
    options.segmentSize = 2048
    return options
  }

  static func event(_ number: Int, _ kind: Event.Kind = .json) -> Event {
    Event(
      system: System(.salesforce, "00D7F00000107XsUAI"), endpoint: "crm", id: "id-\(number)", kind: kind,
      key: "key-\(number % 4)", subject: "Account", change: .update,
      receivedAt: Instant(secondsSince1970: 1_795_478_400, nanoseconds: 5),
      payload: Array("{\"number\":\(number)}".utf8))
  }

  /// Some of everything that a log may hold.
  static func write(_ disk: FaultyDisk) async throws {
    let clock = ManualClock()
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: clock, options: options)
    _ = try await queue.append((1...4).map { event($0) })
    _ = try await queue.append([event(1), event(5, .changeEvent)])
    let leases = try await queue.lease(lanes: 4, eventsPerLane: 1, except: [])
    try await queue.note(leases[0], Note("intent create"))
    try await queue.settle(leases[0], .done(why, then: [event(20, .run)]))
    try await queue.settle(leases[1], .retry(at: clock.wall().adding(seconds: 3600), why, counts: true))
    try await queue.settle(leases[2], .held(why))
    try await queue.settle(leases[3], .dead(why))
    for number in 6...9 { _ = try await queue.append([event(number)]) }
    _ = try await queue.change(Filter(id: "id-9"), .drop(Reason("given-up", .none, "It is not needed.")))
    let asked = Reason("erased", .none, "It was asked for.")
    _ = try await queue.change(Filter(id: "id-8"), .erase(containing: nil, asked))
    await queue.close()
  }

  /// One line an event.
  static func lines(_ disk: FaultyDisk) async throws -> [String] {
    let queue = try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: options)
    var lines: [String] = queue.recovery.damage.map { "\($0)" }
    for entry in try await queue.list(Filter(), after: nil, limit: 99) {
      let due = entry.dueAt.map { " due \($0.secondsSince1970)" } ?? ""
      lines.append(
        "\(entry.sequence) \(entry.state) \(entry.attempts) \(entry.event.id) \(entry.event.kind) \(entry.event.key) "
          + String(decoding: entry.event.payload, as: UTF8.self) + " \(entry.reason?.code ?? "-")\(due)")
    }
    let counts = await queue.counts()
    lines.append("received \(counts.received), duplicates \(counts.duplicates)")
    await queue.close()
    return lines
  }

  static func read() throws -> DiskImage {
    let disk = RealDisk()
    var image = DiskImage()
    for name in try disk.list(folder) { image["/q/" + name] = try disk.bytes(of: folder + "/" + name) }
    return image
  }

  @Test func `a log of version 1 is read event by event`() async throws {
    if getenv("CAUSEWAY_GOLDEN") != nil { try await Self.writeFiles() }
    let image = try Self.read()
    let expected = image["/q/expected.txt"].map { String(decoding: $0, as: UTF8.self) } ?? ""
    for keepsCheckpoint in [true, false] {
      var log = image
      for path in image.paths where !keepsCheckpoint && path.hasSuffix(".checkpoint") { log[path] = nil }
      let lines = try await Self.lines(log.disk())
      #expect(lines.joined(separator: "\n") + "\n" == expected)
      #expect(lines.count == 11)
    }
  }

  private static func writeFiles() async throws {
    let simulated = FaultyDisk()
    try await write(simulated)
    let image = simulated.image
    let disk = RealDisk()
    try disk.createFolder(folder)
    var files = image.paths.filter { $0.hasSuffix(".log") || $0.hasSuffix(".checkpoint") }.map { ($0, image[$0] ?? []) }
    let expected = try await lines(simulated).joined(separator: "\n") + "\n"
    files.append(("/q/expected.txt", Array(expected.utf8)))
    for (path, bytes) in files {
      let file = try disk.open(folder + "/" + String(path.dropFirst(3)), .replace)
      defer { disk.close(file) }
      try disk.write(bytes, to: file, at: 0)
    }
  }

  @Test func `a folder of a later version is refused, and every byte of it is as it was`() async throws {
    let image = try Self.read()
    for path in SealingTests.segments(image) {
      var later = image
      var bytes = try #require(later[path])
      bytes[8] = 2
      let sum = bytes.withUnsafeBytes { crc32c($0.part(0, 92)) }
      bytes.withUnsafeMutableBytes { $0.set(92, sum) }
      later[path] = bytes
      let disk = later.disk()
      #expect(throws: QueueError.self) {
        try FileQueue.open(folder: "/q", disk: disk, clock: ManualClock(), options: Self.options)
      }
      #expect(disk.image.paths == later.paths)
      for path in later.paths { #expect(disk.image[path] == later[path]) }
    }
  }
}
