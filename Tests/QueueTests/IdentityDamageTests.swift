import Posix
import Support
import Testing

@testable import Queue

/// What damage to a run's file does: it is told, the run is made anew where the log still has what was in it, and what is
/// lost is named. Nothing new is taken for known.
@Suite struct IdentityDamageTests {
  static let name = "/ids/00000000000000000001.ids"

  static func id(_ number: UInt64) -> UInt64 { number &* 0x9E37_79B9_7F4A_7C15 }

  /// One run of three entries, with or without the log behind it, and a run behind it.
  static func world(trimmed: Bool) -> IdentityWorld {
    var world = IdentityWorld(bounds: IdentityMemoryTests.small(1000))
    for id in 1...3 { world.arrive(Self.id(UInt64(id)), body: 1) }
    world.freeze()
    world.work()
    if trimmed { world.trim() }
    world.arrive(id(5), body: 1)
    world.freeze()
    world.work()
    return world
  }

  /// Of each id that was there: whether it is told, of one that was not: whether it is taken for one.
  private func looks(_ memory: DuplicateMemory) -> [Familiarity] {
    [1, 2, 3, 5, 4].map { memory.look(Identity(id: Self.id($0), body: 1, sequence: 99)) }
  }

  static let all: [Familiarity] = [
    .duplicate(of: 1), .duplicate(of: 2), .duplicate(of: 3), .duplicate(of: 4), .unknown,
  ]

  @Test func `Each damaged byte is told at the start or at the look-up, and costs nothing while the log is there`()
    throws
  {
    let world = Self.world(trimmed: false)
    let bytes = try #require(world.base.image[Self.name])
    for index in bytes.indices {
      for bit in [0, 6] {
        var image = world.base.image
        var damaged = bytes
        damaged[index] ^= 1 << bit
        image[Self.name] = damaged
        var again = world
        again.restart(image.disk())
        let isBlock = index >= 128 + 64 + 8
        #expect(again.wrong.isEmpty, "byte \(index)")
        if isBlock {
          let found = looks(again.memory)
          #expect(
            found[..<3].allSatisfy { $0 == .uncertain } && found[3...] == Self.all[3...], "byte \(index): \(found)")
        } else {
          #expect(looks(again.memory) == Self.all, "byte \(index)")
          #expect(again.base.image.paths.contains(Self.name + ".set-aside"), "byte \(index)")
          while again.work() {}
          again.trim()
          again.restart(again.base.image.afterCrash(seed: 0))
          #expect(looks(again.memory) == Self.all && again.wrong.isEmpty, "byte \(index)")
        }
      }
    }
  }

  @Test func `A file that ends at any byte, or that grew, is told`() throws {
    let world = Self.world(trimmed: false)
    let bytes = try #require(world.base.image[Self.name])
    for length in 0...bytes.count + 1 where length != bytes.count {
      var image = world.base.image
      image[Self.name] = Array((bytes + [0])[..<length])
      var again = world
      again.restart(image.disk())
      #expect(looks(again.memory) == Self.all && again.wrong.isEmpty, "\(length)")
    }
  }

  @Test(arguments: [true, false])
  func `What is lost with a run whose segments are gone is named, and what came then is stored`(_ isMissing: Bool)
    throws
  {
    let world = Self.world(trimmed: true)
    var image = world.base.image
    image[Self.name] = isMissing ? nil : [1, 2, 3]
    var again = world
    again.restart(image.disk())
    #expect(again.wrong == ["lost [\"1...3\"] at \(world.time)"])
    #expect(looks(again.memory) == [.unknown, .unknown, .unknown, .duplicate(of: 4), .unknown])
    // It is named for as long as it matters.
    again.restart(again.base.image.disk())
    #expect(again.wrong.count == 2)
    again.time += IdentityWorld.window + 1
    again.restart(again.base.image.disk())
    #expect(again.wrong.count == 2)
  }

  @Test func `The last run is missed too`() {
    var world = Self.world(trimmed: true)
    world.trim()
    var image = world.base.image
    image["/ids/00000000000000000004.ids"] = nil
    world.restart(image.disk())
    #expect(world.wrong == ["lost [\"4...4\"] at \(world.time)"])
    world.arrive(Self.id(6), body: 1)
    world.freeze()
    while world.work() {}
    world.trim()
    world.restart(world.base.image.disk())
    #expect(world.wrong.count == 2, "named again")
  }

  @Test func `A run of another log is put aside`() throws {
    let world = Self.world(trimmed: false)
    var other = IdentityWorld(bounds: IdentityMemoryTests.small(10))
    for id in 1...3 { other.arrive(Self.id(UInt64(id)), body: 1) }
    let part = FrozenIdentities(
      table: other.memory.table, first: 1, last: 3, oldest: 0, newest: .max, newestBefore: .min)
    let disk = world.base.image.disk()
    let files = IdentityFiles(disk: disk, folder: "/ids", key: IdentityKey(low: 1, high: 1))
    let outcome = files.perform(.write(part))
    guard case .written = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let loaded = try LoadedRuns(disk, "/ids", key: IdentityWorld.key)
    #expect(loaded.damaged == ["00000000000000000001.ids"] && loaded.runs.count == 1)
  }

  @Test func `A run of a later version is refused`() throws {
    let world = Self.world(trimmed: false)
    var image = world.base.image
    var bytes = try #require(image[Self.name])
    bytes[8] = 2
    let sum = bytes[..<124].withUnsafeBytes { crc32c($0) }
    bytes.withUnsafeMutableBytes { $0.set(124, sum) }
    image[Self.name] = bytes
    let loaded = try LoadedRuns(image.disk(), "/ids", key: IdentityWorld.key)
    #expect(loaded.newer?.name == "00000000000000000001.ids" && loaded.newer?.version == 2)
  }

  @Test func `A read that fails makes an event uncertain, not known and not new`() {
    let world = Self.world(trimmed: true)
    world.base.watch { _, name, _ in name == "pread" ? .error(.inputOutput) : nil }
    defer { world.base.watch(nil) }
    #expect(looks(world.memory) == [.uncertain, .uncertain, .uncertain, .uncertain, .unknown])
  }

  @Test func `A damaged run is not merged, and the others go on`() throws {
    var world = IdentityWorld(bounds: IdentityMemoryTests.small(2, runs: 2))
    for id in 1...3 {
      world.arrive(Self.id(UInt64(id)), body: 1)
      world.freeze()
      world.work()
    }
    var image = world.base.image
    var bytes = try #require(image[Self.name])
    bytes[bytes.count - 20] ^= 1
    image[Self.name] = bytes
    world.restart(image.disk())
    for id in 4...6 {
      world.arrive(Self.id(UInt64(id)), body: 1)
      world.freeze()
    }
    while world.work() {}
    #expect(world.memory.runs.count == 2 && world.memory.runs[0].isDamaged)
    #expect(world.memory.look(Identity(id: Self.id(1), body: 1, sequence: 9)) == .uncertain)
    #expect(world.memory.look(Identity(id: Self.id(6), body: 1, sequence: 9)) == .duplicate(of: 6))
  }

  @Test func `An event that comes again after the log lost it is stored`() {
    var world = Self.world(trimmed: false)
    var memory = world.memory
    memory.lost = [2...3]
    #expect(looks(memory) == [.duplicate(of: 1), .uncertain, .uncertain, .duplicate(of: 4), .unknown])
    world.lookForAll()
    #expect(world.wrong.isEmpty)
  }
}
