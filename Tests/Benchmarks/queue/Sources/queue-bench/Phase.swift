import CBench

/// What came of a phase: callers in tasks of their own, each calling again as soon as it was answered.
struct PhaseResult: Sendable {
  var latencies = Latencies()
  var seconds = 0.0
  var processor = 0.0

  /// `call` gives the nanoseconds it took; nil where nothing is left to do.
  static func of(
    _ callers: Int, _ seconds: Double, _ call: @escaping @Sendable () async throws -> UInt64?
  ) async throws -> PhaseResult {
    var result = PhaseResult()
    let processor = bench_cpu()
    let began = bench_now()
    let deadline = began + UInt64(seconds * 1e9)
    try await withThrowingTaskGroup(of: Latencies.self) { group in
      for _ in 0..<callers {
        group.addTask {
          var latencies = Latencies()
          while bench_now() < deadline, let took = try await call() { latencies.note(took) }
          return latencies
        }
      }
      for try await latencies in group { result.latencies.merge(latencies) }
    }
    result.seconds = Double(bench_now() - began) / 1e9
    result.processor = bench_cpu() - processor
    return result
  }

  var line: String { "\(latencies.count) \(seconds) \(Double(latencies.p99) / 1e3) \(processor)" }
}
