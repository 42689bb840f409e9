import Foundation
import Posix
import Queue
import Support
import Testing

/// Lives of a queue that seeds decide, cut off by crashes that seeds decide, and the recoveries cut off again.
///
/// `CAUSEWAY_SIMULATION=17` repeats the life of seed 17, `CAUSEWAY_SIMULATION=0..<100000` lives as many lives:
///
///     CAUSEWAY_SIMULATION=17 swift test --filter SimulationTests
@Suite struct SimulationTests {
  /// Ten schedules each.
  static let seeds: Range<UInt64> = 0..<1000
  static let schedulesOfASeed: UInt64 = 10

  @Test func `No crash of any life loses anything that was acknowledged, or does anything twice`() async throws {
    let seeds = Self.wanted()
    let (wrong, schedules) = await Self.live(seeds)
    print("simulation: seeds \(seeds.lowerBound)..<\(seeds.upperBound), \(schedules) schedules, \(wrong.count) wrong")
    #expect(wrong.isEmpty, "\(wrong.prefix(5).joined(separator: "\n"))")
    #expect(schedules >= seeds.count * Int(Self.schedulesOfASeed))
  }

  @Test func `The same seed lives the same life`() async throws {
    for seed: UInt64 in 0..<5 {
      let one = try await SimulatedLife.points(seed: seed)
      let other = try await SimulatedLife.points(seed: seed)
      // Reads of leased events have no fixed place among the others: only their numbers may differ.
      #expect(one.map(\.name) == other.map(\.name))
      #expect(one.count > 10)
    }
  }

  private static func wanted() -> Range<UInt64> {
    guard let text = ProcessInfo.processInfo.environment["CAUSEWAY_SIMULATION"] else { return seeds }
    let bounds = text.components(separatedBy: "..<").compactMap { UInt64($0) }
    guard let first = bounds.first else { return seeds }
    return first..<(bounds.count > 1 ? bounds[1] : first + 1)
  }

  /// A few at a time: each holds its disks, and waits now and then for its own threads.
  private static func live(_ seeds: Range<UInt64>) async -> ([String], Int) {
    await withTaskGroup(of: ([String], Int).self) { group in
      var next = seeds.lowerBound
      var wrong: [String] = []
      var schedules = 0
      func add() {
        guard next < seeds.upperBound else { return }
        let seed = next
        next += 1
        group.addTask { await judge(seed) }
      }
      for _ in 0..<2 * ProcessInfo.processInfo.activeProcessorCount { add() }
      while let (found, count) = await group.next() {
        wrong += found
        schedules += count
        add()
      }
      return (wrong, schedules)
    }
  }

  /// Crashes at random calls of the life; every other one again at a random call of its recovery. The first is a power cut
  /// or, as often, the death of the process alone, whose recovery then reads what was never synced.
  private static func judge(_ seed: UInt64) async -> ([String], Int) {
    var random = SeededRandom(seed: ~seed)
    var wrong: [String] = []
    var schedules = 0
    do {
      let points = try await SimulatedLife.points(seed: seed)
      while schedules < schedulesOfASeed {
        guard let point = points.randomElement(using: &random) else { break }
        let crash = UInt64.random(in: 0..<1 << 32, using: &random)
        var inner: [(String, DiskImage)] = []
        let isKilled = Bool.random(using: &random)
        let disk = isKilled ? point.image.afterKill() : point.image.afterCrash(seed: crash)
        let kind = isKilled ? ", the process alone" : ""
        wrong += await CrashOracle(point: point, seed: crash, during: kind).judge(disk) {
          inner.append(($0, $1))
        }
        schedules += 1
        if schedules.isMultiple(of: 2), let (call, image) = inner.randomElement(using: &random) {
          let again = CrashOracle(point: point, seed: crash, during: "\(kind), again before \(call)")
          wrong += await again.judge(image.afterCrash(seed: crash + 1))
          schedules += 1
        }
      }
    } catch {
      wrong.append("the life itself: \(error)")
    }
    return (wrong.map { "\($0): CAUSEWAY_SIMULATION=\(seed) swift test --filter SimulationTests" }, schedules)
  }
}

extension CrashPoint {
  fileprivate var name: Substring { call.drop { $0 != " " } }
}
