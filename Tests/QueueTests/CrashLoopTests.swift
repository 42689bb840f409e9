import Posix
import Queue
import Support
import Testing

/// A crash after every storage call of a workload, with what each can do to unsynced writes and names.
@Suite struct CrashLoopTests {
  static let seeds: UInt64 = 24

  @Test func `A crash after any storage call loses nothing that was acknowledged`() async throws {
    let points = try await CrashWorkload().run(letsGo: true)
    #expect(points.count > 80)
    // Segments go, and what is parked in them is carried on.
    #expect(Set(points.compactMap { $0.image.paths.first { $0.hasSuffix(".log") } }).count > 4)
    let (wrong, schedules) = await Self.judge(points, seeds: 0..<Self.seeds)
    #expect(wrong.isEmpty, "\(wrong.count) of \(schedules): \(wrong.prefix(5))")
    #expect(schedules > 2000)
  }

  @Test func `A crash after any storage call of a recovery loses nothing either`() async throws {
    let points = try await CrashWorkload().run(letsGo: true)
    let (wrong, schedules) = await Self.judgeRecoveries(points, seeds: [1, 3, 7])
    #expect(wrong.isEmpty, "\(wrong.count) of \(schedules): \(wrong.prefix(5))")
    #expect(schedules > 2000)
  }

  /// Regression: a start removed segments, and overwrote what was erased, by what a killed process had written and not
  /// synced; the power cut took that, and left what was done by it.
  @Test func `A power cut while a killed process is recovered from loses nothing either`() async throws {
    let points = try await CrashWorkload().run(letsGo: true)
    let (wrong, schedules) = await Self.judgeRecoveries(points, seeds: [0, 5], isKilled: true)
    #expect(wrong.isEmpty, "\(wrong.count) of \(schedules): \(wrong.prefix(5))")
    #expect(schedules > 2000)
  }

  /// Regression: what was opened after a crash got a clock two days behind the one before, and the loop waited for ever
  /// for a retry that never became due.
  @Test(.timeLimit(.minutes(10))) func `What waits for its time after a crash becomes due by the clock of before`()
    async throws
  {
    let points = try await CrashWorkload().run()
    let end = try #require(points.last)
    #expect(end.time > ManualClock().wall().adding(seconds: 86_400))
    #expect(await CrashOracle(point: end, seed: 0).judge(end.image.afterCrash(seed: 0)) == [])
  }

  @Test(arguments: PlantedDisk.Bug.allCases)
  func `The loop finds a planted bug`(_ bug: PlantedDisk.Bug) async throws {
    let points = try await CrashWorkload(bug).run()
    let (wrong, _) = await Self.judge(points, seeds: 0..<4)
    #expect(!wrong.isEmpty, "\(bug.rawValue)")
  }

  private static func judge(_ points: [CrashPoint], seeds: Range<UInt64>) async -> ([String], Int) {
    await withTaskGroup(of: [String].self) { group in
      for point in points {
        group.addTask {
          var wrong: [String] = []
          for seed in seeds {
            wrong += await CrashOracle(point: point, seed: seed).judge(point.image.afterCrash(seed: seed))
          }
          return wrong
        }
      }
      return (await group.reduce(into: []) { $0 += $1 }, points.count * seeds.count)
    }
  }

  /// `isKilled`: what comes first takes the process and nothing of its disk.
  private static func judgeRecoveries(
    _ points: [CrashPoint], seeds: [UInt64], isKilled: Bool = false
  ) async -> ([String], Int) {
    await withTaskGroup(of: ([String], Int).self) { group in
      for point in points {
        group.addTask {
          var wrong: [String] = []
          var schedules = 0
          for seed in seeds {
            var inner: [(String, DiskImage)] = []
            let disk = isKilled ? point.image.afterKill() : point.image.afterCrash(seed: seed)
            wrong += await CrashOracle(point: point, seed: seed).judge(disk) { inner.append(($0, $1)) }
            for (call, image) in inner {
              let again = CrashOracle(point: point, seed: seed, during: ", again before \(call)")
              wrong += await again.judge(image.afterCrash(seed: isKilled ? seed : seed + 1))
              schedules += 1
            }
          }
          return (wrong, schedules)
        }
      }
      return await group.reduce(into: ([], 0)) {
        $0.0 += $1.0
        $0.1 += $1.1
      }
    }
  }
}
