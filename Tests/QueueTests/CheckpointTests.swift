import Events
import Posix
import Support
import Testing

@testable import Queue

/// A checkpoint makes a start shorter and changes nothing else.
@Suite struct CheckpointTests {
  static let folder = CrashWorkload.folder

  /// What a start makes of the disk: all that is observed, and whether a checkpoint helped.
  static func state(_ disk: FaultyDisk) throws -> (text: String, resumed: CheckpointHead?, damage: [Damage]) {
    let upkeep = try Upkeep("upkeep", isSimulated: true)
    var recovery = Recovery(disk, folder, CrashWorkload.options, upkeep)
    let log = try recovery.run()
    disk.close(log.file)
    return (text(recovery), recovery.resumed, recovery.report.damage)
  }

  /// All of the state, by names and hashes: the numbers of segments, lanes, flows and sources, and the stamps of lanes are
  /// how one process happened to come to it.
  static func text(_ recovery: Recovery) -> String {
    let state = recovery.state
    let flows = names(of: state.flows)
    var lines: [String] = ["next \(recovery.nextSequence) \(recovery.chain.map { "\($0)" } ?? "")"]
    state.rows.forEach(after: 0) { row in
      let isSettled = row.state == .done || row.state == .dropped
      let places = [row.place, row.reason].map { "\(recovery.names[$0.segment] ?? "") \($0.offset)" }
      let others = ["place", "reason", "lane", "flow"]
      let plain = Mirror(reflecting: row).children.filter { !others.contains($0.label ?? "") }.map { "\($0)" }
      lines.append(
        "\(plain) \(places) \(flows[row.flow] ?? "") \(isSettled ? "" : "\(state.lanes[row.lane].hash)")")
      return true
    }
    for var slot in state.lanes.chunks.joined() where !slot.isEmpty {
      slot.stamp = 0
      slot.isOutAsBulk = false
      lines.append("\(slot)")
    }
    for (token, lease) in state.leases { lines.append("lease \(token) \(lease.sequences)") }
    for (event, texts) in state.notes { lines.append("notes \(event) \(texts)") }
    for (event, since) in state.parkedSince { lines.append("parked \(event) \(since)") }
    for (number, name) in flows where state.flows.pending[Int(number)] > 0 {
      lines.append("pending \(name) \(state.flows.pending[Int(number)])")
    }
    lines.append("paused \(state.pausedCount())")
    for (part, since) in state.pauses.since { lines.append("paused \(part) \(since)") }
    lines += identities(state.duplicates)
    lines.append("\(state.tally.numbers) \(state.suspects.token)")
    return lines.sorted().joined(separator: "\n")
  }

  private static func names(of flows: FlowNumbers) -> [UInt16: String] {
    var names: [UInt16: String] = [:]
    for (flow, number) in flows.flows { names[number] = "flow \(flow)" }
    for (source, number) in flows.sources { names[number] = "source \(source)" }
    return names
  }

  /// What can be told, wherever it is.
  private static func identities(_ memory: DuplicateMemory) -> [String] {
    var all: Set<String> = []
    memory.table.forEach { all.insert("\($0)") }
    for part in memory.frozen { part.table.forEach { all.insert("\($0)") } }
    for known in memory.runs {
      for block in 0..<known.run.head.blocks {
        try? known.run.withBlock(block) { bytes in
          for entry in 0..<known.run.head.entries(inBlock: block) { all.insert("\(Identity(bytes, at: entry))") }
        }
      }
    }
    return Array(all)
  }

  /// The lines that only one of them has.
  static func differing(_ one: String, _ other: String) -> [Substring] {
    if one == other { return [] }
    return Set(one.split(separator: "\n")).symmetricDifference(other.split(separator: "\n")).sorted()
  }

  static func checkpoints(_ image: DiskImage) -> [String] {
    image.paths.filter { CheckpointName.nextSequence(String($0.dropFirst(folder.count + 1))) != nil }
  }

  @Test(arguments: [false, true])
  func `the state is the same with every combination of checkpoints, whole, damaged or missing`(_ letsGo: Bool)
    async throws
  {
    let points = try await CrashWorkload().run(letsGo: letsGo)
    var resumed = 0
    var withTwo = 0
    for point in points {
      let image = point.image
      var bare = image
      let names = Self.checkpoints(image)
      for path in names { bare[path] = nil }
      let (expected, _, _) = try Self.state(bare.disk())
      if names.count == 2 { withTwo += 1 }
      for choice in 0..<(names.isEmpty ? 0 : names.count == 1 ? 3 : 9) {
        var changed = image
        for (index, path) in names.enumerated() {
          switch (choice / (index == 0 ? 1 : 3)) % 3 {
          case 1: changed[path] = nil
          case 2:
            let size = try #require(changed[path]).count
            changed[path]?[(choice * 131) % size] ^= 16
          default: break
          }
        }
        let (state, head, damage) = try Self.state(changed.disk())
        let difference = Self.differing(state, expected)
        #expect(difference.isEmpty && damage.isEmpty, "\(point.call), choice \(choice): \(difference)")
        if head != nil { resumed += 1 }
      }
    }
    #expect(resumed > 100 && withTwo > 10)
  }

  @Test func `any byte of a checkpoint that is damaged makes it useless, and nothing else`() async throws {
    let point = try #require(try await CrashWorkload().run().last)
    var bare = point.image
    let newest = try #require(Self.checkpoints(bare).last)
    for path in Self.checkpoints(bare) where path != newest { bare[path] = nil }
    let (expected, whole, _) = try Self.state(bare.disk())
    #expect(whole != nil)
    let size = try #require(bare[newest]).count
    for at in stride(from: 0, to: size, by: 7) {
      var damaged = bare
      damaged[newest]?[at] ^= 1
      let (state, head, _) = try Self.state(damaged.disk())
      // Padding is no part of it.
      #expect(state == expected && (head == nil || size < 0 || bare[newest]?[at] == 0), "byte \(at)")
    }
    for length in stride(from: 0, to: size, by: 11) {
      var cut = bare
      cut[newest]?.removeLast(size - length)
      let (state, head, _) = try Self.state(cut.disk())
      #expect(state == expected && head == nil, "\(length)")
    }
  }

  @Test func `an end of the log that is missing is named, and its sequences are not used again`() async throws {
    let disk = try await SealingTests.severalSegments()
    var image = disk.image
    let last = try #require(SealingTests.segments(image).last)
    image[last] = nil
    let queue = try DamageTests.open(image.disk())
    let missing = queue.recovery.damage.flatMap(\.sequences)
    #expect(missing.last?.upperBound == 12 && queue.recovery.isCorrupt)
    let accepted = try await queue.append([DamageTests.event(99)])
    #expect(accepted.map(\.sequence) == [13])
    await queue.close()
  }

  @Test func `a segment that is missing is named with a checkpoint too, and damage before it is found all the same`()
    async throws
  {
    let image = try await SealingTests.severalSegments().image
    let segments = SealingTests.segments(image)
    for path in segments.dropLast() {
      var without = image
      without[path] = nil
      let queue = try DamageTests.open(without.disk())
      #expect(queue.recovery.isCorrupt && !queue.recovery.damage.flatMap(\.sequences).isEmpty, "\(path)")
      await queue.close()
    }
  }

  @Test func `at most two checkpoints are kept, and one that could not be written costs nothing`() async throws {
    let disk = FaultyDisk()
    for number in 1...4 {
      let queue = try DamageTests.open(disk)
      _ = try await queue.append([DamageTests.event(number)])
      if number == 4 {
        disk.watch { _, call, _ in call == "rename" ? .error(.noSpace) : nil }
      }
      await queue.close()
    }
    disk.watch(nil)
    let names = disk.image.paths.filter { $0.contains(".checkpoint") }
    #expect(names.map { CheckpointName.nextSequence(String($0.dropFirst(3))) } == [3, 4])
    let queue = try DamageTests.open(disk)
    #expect(try await queue.list(Filter(), after: nil, limit: 9).count == 4)
    await queue.close()
  }
}
