import Glibc
import Posix
import Support
import Testing

@testable import Queue

/// Who was seen already, over memory and files, restarts and crashes.
@Suite struct IdentityMemoryTests {
  static func small(_ entries: Int, runs: Int = 6) -> IdentityBounds {
    IdentityBounds(tableEntries: entries, runEntries: entries * 8, runs: runs)
  }

  /// One of few ids, so that many come again.
  static func id(_ random: inout SeededRandom, of count: UInt64) -> UInt64 {
    var mixed = SeededRandom(seed: UInt64.random(in: 0..<count, using: &random))
    return mixed.next()
  }

  /// `IDENTITY_OPERATIONS=1000000` for a long run.
  static let operations = getenv("IDENTITY_OPERATIONS").flatMap { Int(String(cString: $0)) } ?? 100_000

  @Test func `Seeded operations, restarts and crashes among them, tell what a dictionary tells`() {
    var random = SeededRandom(seed: 11)
    var world = IdentityWorld(bounds: Self.small(3000))
    var checkpoint: IdentityCheckpointBytes?
    for _ in 0..<Self.operations {
      switch UInt32.random(in: 0..<100_000, using: &random) {
      case 0..<20: world.freeze()
      case 20..<30: world.trim()
      case 30..<34:
        world.restart(world.base.image.afterCrash(seed: .random(in: 0...40, using: &random)), from: checkpoint)
      case 34..<40:
        world.crash(beforeCall: .random(in: 1...14, using: &random), seed: .random(in: 0...40, using: &random))
      case 40..<400: world.work()
      case 400..<5000: world.skip()
      case 5000..<25_000: world.time += .random(in: 0...8, using: &random)
      default: world.arrive(Self.id(&random, of: 300_000), body: .random(in: 0...1, using: &random))
      }
      if random.next() % 20_000 == 0 { checkpoint = world.checkpoint }
      if !world.wrong.isEmpty { break }
    }
    world.lookForAll()
    #expect(world.wrong.isEmpty, "\(world.wrong.count): \(world.wrong.prefix(3))")
    #expect(world.memory.runs.count > 3)
  }

  /// A workload in which the log is deleted as soon as it may be, and a crash before any storage call of each of its jobs.
  private func crashes(_ bug: PlantedDisk.Bug? = nil, seeds: Range<UInt64>) -> (wrong: [String], schedules: Int) {
    var wrong: [String] = []
    var schedules = 0
    var world = IdentityWorld(bounds: Self.small(20, runs: 3), bug: bug)
    var random = SeededRandom(seed: 3)
    for step in 0..<24 {
      for _ in 0..<12 { world.arrive(Self.id(&random, of: 150), body: .random(in: 0...1, using: &random)) }
      world.time += 900
      if step % 7 == 0 { world.freeze() }
      world.trim()
      for seed in seeds {
        // A job is at most so many calls.
        for call in 1...12 {
          var fork = world
          fork.restart(world.base.image.afterCrash(seed: 1))
          fork.crash(beforeCall: call, seed: seed)
          fork.lookForAll()
          while fork.work() {}
          fork.trim()
          fork.restart(fork.base.image.afterCrash(seed: seed))
          fork.lookForAll()
          wrong += fork.wrong.map { "step \(step), call \(call), seed \(seed): \($0)" }
          schedules += 1
          // One that is found is enough.
          if bug != nil, !wrong.isEmpty { return (wrong, schedules) }
        }
      }
      world.work()
    }
    return (wrong + world.wrong, schedules)
  }

  @Test func `A crash before any storage call of writing, merging and removing forgets nothing`() {
    let (wrong, schedules) = crashes(seeds: 0..<3)
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(3))")
    #expect(schedules > 500)
  }

  @Test(arguments: [PlantedDisk.Bug.skippedSync, .skippedFolderSync])
  func `A run that is not synced before its segments go is found`(_ bug: PlantedDisk.Bug) {
    let (wrong, _) = crashes(bug, seeds: 0..<3)
    #expect(!wrong.isEmpty)
  }

  @Test func `What is exactly as old as the window is told, and what is an eighth older is not`() {
    for entries in [1, 1000] {
      var world = IdentityWorld(bounds: Self.small(entries))
      let start = world.time
      world.arrive(7, body: 1)
      world.time += 1
      world.arrive(8, body: 1)
      world.freeze()
      while world.work() {}
      // A run behind it, so that its file can go.
      world.arrive(9, body: 1)
      world.freeze()
      while world.work() {}
      let newest = entries == 1 ? start : start + 1
      let look = Identity(id: 7, body: 1, sequence: 99)
      world.time = newest + IdentityWorld.window
      while world.work() {}
      #expect(world.memory.look(look) == .duplicate(of: 1))
      #expect(world.base.image.paths.contains("/ids/00000000000000000001.ids"))
      world.time += 1
      while world.work() {}
      #expect(world.memory.look(look) == .unknown)
      #expect(!world.base.image.paths.contains("/ids/00000000000000000001.ids"))
    }
  }

  @Test func `An id with another body is told from one that came again, over memory and files`() {
    var world = IdentityWorld(bounds: Self.small(1000))
    func look(_ body: UInt64) -> Familiarity { world.memory.look(Identity(id: 7, body: body, sequence: 99)) }
    world.arrive(7, body: 1)
    #expect(look(1) == .duplicate(of: 1) && look(2) == .conflicting)
    world.freeze()
    #expect(look(1) == .duplicate(of: 1) && look(2) == .conflicting)
    world.work()
    #expect(look(1) == .duplicate(of: 1) && look(2) == .conflicting)
    world.arrive(7, body: 2)
    #expect(look(1) == .duplicate(of: 1) && look(2) == .duplicate(of: 2) && look(3) == .conflicting)
    world.freeze()
    world.work()
    #expect(look(1) == .duplicate(of: 1) && look(2) == .duplicate(of: 2) && look(3) == .conflicting)
    #expect(world.memory.look(Identity(id: 6, body: 1, sequence: 99)) == .unknown)
  }

  @Test func `One hash in more entries than a block holds is told in every one of them`() {
    var world = IdentityWorld(bounds: Self.small(1000))
    for body in 0..<500 { world.arrive(1 << 63, body: UInt64(body)) }
    for id in 0..<100 { world.arrive(UInt64(id) << 40, body: 0) }
    world.freeze()
    while world.work() {}
    world.lookForAll()
    #expect(world.wrong.isEmpty && world.memory.runs.count == 1, "\(world.wrong.prefix(3))")
    for body in 0..<500 {
      let look = Identity(id: 1 << 63, body: UInt64(body), sequence: 9999)
      #expect(world.memory.look(look) == .duplicate(of: UInt64(body) + 1))
    }
  }

  @Test func `A checkpoint brings back what no run holds, with fewer runs and with more than there were`() {
    var world = IdentityWorld(bounds: Self.small(10))
    for id in 1...25 { world.arrive(UInt64(id) << 40, body: 1) }
    let early = world.checkpoint
    #expect(world.memory.frozen.count == 2)
    world.work()
    let image = world.base.image
    let late = world.checkpoint
    world.work()
    for id in 26...29 { world.arrive(UInt64(id) << 40, body: 1) }
    world.freeze()
    world.work()
    for (disk, checkpoint) in [
      (world.base.image, early), (world.base.image, late), (image, early), (image, late), (DiskImage(), late),
    ] {
      var again = world
      again.restart(disk.disk(), from: checkpoint)
      again.lookForAll()
      while again.work() {}
      again.trim()
      again.restart(again.base.image.afterCrash(seed: 0))
      again.lookForAll()
      #expect(again.wrong.isEmpty, "\(again.wrong.prefix(3))")
    }
  }

  @Test func `A checkpoint that is cut anywhere is refused`() {
    var world = IdentityWorld(bounds: Self.small(10))
    for id in 1...15 { world.arrive(UInt64(id) << 40, body: 1) }
    let whole = world.checkpoint
    for length in 0..<whole.bytes.count {
      var memory = DuplicateMemory(window: 1, key: IdentityWorld.key)
      let isTaken = memory.restore(IdentityCheckpointBytes(bytes: Array(whole.bytes[..<length]), through: 15))
      #expect(!isTaken && memory.table.count == 0)
    }
  }

  /// Counted: the current table, those that wait, filters and indexes of ten million, and what a job needs for itself,
  /// which is a table sorted (twice its entries) or a merged run's filter and index.
  @Test func `Ten million identities take at most 42 MiB`() {
    var memory = DuplicateMemory(window: 1 << 40, key: IdentityWorld.key)
    var random = SeededRandom(seed: 1)
    for sequence in 1...memory.bounds.tableEntries {
      memory.insert(Identity(id: random.next(), body: 1, sequence: UInt64(sequence)), at: 1)
    }
    #expect(memory.frozen.isEmpty && memory.memory == memory.table.memory)
    func run(_ entries: Int) -> Int {
      IdentityFilter.size(entries) + entries / IdentityRunFormat.entriesPerBlock * 8
    }
    let tables = memory.table.memory * (1 + memory.bounds.frozen)
    let job = max(2 * memory.bounds.tableEntries * IdentityRunFormat.entrySize, run(memory.bounds.runEntries))
    #expect(tables + run(10_000_000) + job <= 42 << 20)
  }

  @Test func `A job that fails is done again, and nothing is durable before`() {
    var world = IdentityWorld(bounds: Self.small(10))
    for id in 0..<10 { world.arrive(UInt64(id), body: 1) }
    world.freeze()
    world.base.watch { _, name, _ in name == "fsync" ? .lostSync(.inputOutput) : nil }
    world.work()
    #expect(world.memory.failure != nil && world.memory.durableThrough == 0)
    let isTriedAtOnce = world.work()
    #expect(!isTriedAtOnce)
    world.base.watch(nil)
    world.time += world.bounds.retryDelay
    world.work()
    #expect(world.memory.failure == nil && world.memory.durableThrough == 10)
    world.trim()
    world.restart(world.base.image.afterCrash(seed: 0))
    world.lookForAll()
    #expect(world.wrong.isEmpty, "\(world.wrong)")
  }
}
