import CBench

/// How long calls took, counted in buckets.
struct Latencies: Sendable {
  private var buckets = [UInt64](repeating: 0, count: Int(BENCH_BUCKETS))
  private(set) var count: UInt64 = 0

  mutating func note(_ nanoseconds: UInt64) {
    buckets[Int(bench_bucket(nanoseconds))] += 1
    count += 1
  }

  mutating func merge(_ other: Latencies) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
  }

  /// Nanoseconds that one call in a hundred took longer than.
  var p99: UInt64 {
    var above: UInt64 = 0
    for index in buckets.indices.reversed() {
      above += buckets[index]
      if above * 100 > count { return bench_bucket_end(UInt32(index)) }
    }
    return 0
  }
}
