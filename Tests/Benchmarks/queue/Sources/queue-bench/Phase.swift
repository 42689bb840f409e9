import CBench

/// What came of a phase.
struct PhaseResult: Sendable {
  var latencies = Latencies()
  var seconds = 0.0
  var processor = 0.0

  /// Callers in tasks of their own, each calling again as soon as it was answered. `call` gives the nanoseconds it took.
  static func of(
    _ callers: Int, _ seconds: Double, _ call: @escaping @Sendable () async throws -> UInt64
  ) async throws -> PhaseResult {
    var result = PhaseResult()
    let processor = bench_cpu()
    let began = bench_now()
    let deadline = began + UInt64(seconds * 1e9)
    try await withThrowingTaskGroup(of: Latencies.self) { group in
      for _ in 0..<callers {
        group.addTask {
          var latencies = Latencies()
          while bench_now() < deadline { latencies.note(try await call()) }
          return latencies
        }
      }
      for try await latencies in group { result.latencies.merge(latencies) }
    }
    result.seconds = Double(bench_now() - began) / 1e9
    result.processor = bench_cpu() - processor
    return result
  }

  /// One caller after the other, each with many pieces, until the last or the time. `call` gives how many there were.
  static func of(
    _ seconds: Double, _ call: () async throws -> (count: Int, isLast: Bool)
  ) async throws -> PhaseResult {
    var result = PhaseResult()
    let processor = bench_cpu()
    let began = bench_now()
    let deadline = began + UInt64(seconds * 1e9)
    var isLast = false
    while !isLast, bench_now() < deadline {
      let asked = bench_now()
      let called = try await call()
      let took = bench_now() - asked
      for _ in 0..<called.count { result.latencies.note(took) }
      isLast = called.isLast
    }
    result.seconds = Double(bench_now() - began) / 1e9
    result.processor = bench_cpu() - processor
    return result
  }

  /// One loop gets work for all workers that are free, `limit` pieces in all; each worker has one at a time.
  static func of<Piece: Sendable>(
    workers: Int, _ seconds: Double, upTo limit: UInt64, _ get: (Int) async throws -> [Piece],
    _ work: @escaping @Sendable (Piece) async throws -> Void
  ) async throws -> PhaseResult {
    var result = PhaseResult()
    let processor = bench_cpu()
    let began = bench_now()
    let deadline = began + UInt64(seconds * 1e9)
    let workers = Workers(workers)
    var left = limit
    try await withThrowingDiscardingTaskGroup { group in
      while left > 0, bench_now() < deadline {
        let free = await workers.free()
        let asked = bench_now()
        let pieces = try await get(Int(min(UInt64(free), left)))
        left -= UInt64(pieces.count)
        for piece in pieces {
          workers.take()
          group.addTask {
            try await work(piece)
            workers.give(after: bench_now() - asked)
          }
        }
      }
    }
    result.latencies = workers.latencies
    result.seconds = Double(bench_now() - began) / 1e9
    result.processor = bench_cpu() - processor
    return result
  }

  var line: String { "\(latencies.count) \(seconds) \(Double(latencies.p99) / 1e3) \(processor)" }
}
