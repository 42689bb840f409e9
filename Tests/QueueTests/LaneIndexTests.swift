import Support
import Testing

@testable import Queue

/// Lanes are found by their hashes, however these lie and whichever come and go.
@Suite struct LaneIndexTests {
  /// Hashes in so many homes: few make long runs, in which the distance from home does not fit its bits.
  @Test(arguments: [1, 3, 40, 1 << 20] as [UInt64], 0..<5 as Range<UInt64>)
  func `it is what a dictionary would be`(_ homes: UInt64, _ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var index = LaneIndex()
    var hashes: [LaneHash] = []
    var known: [LaneHash: UInt32] = [:]
    var gone: Set<UInt32> = []
    var most = 0
    // At the end of the table, so that runs go on at its beginning.
    func hash() -> LaneHash {
      LaneHash(
        high: UInt64.random(in: 0..<8, using: &random) << 28 | UInt64.random(in: 0..<4, using: &random),
        low: UInt64.max - UInt64.random(in: 0..<homes, using: &random))
    }
    for _ in 0..<1500 {
      if Int.random(in: 0..<3, using: &random) > 0 {
        let new = hash()
        guard known[new] == nil else { continue }
        let number: UInt32
        if let free = gone.min() {
          number = free
          gone.remove(free)
          hashes[Int(free)] = new
        } else {
          number = UInt32(hashes.count)
          hashes.append(new)
        }
        if !index.hasRoom(for: number) { index.grow(for: hashes.count) { hashes[Int($0)] } }
        index.insert(number, new)
        known[new] = number
        most = max(most, known.count)
      } else if let number = hashes.indices.randomElement(using: &random).map({ UInt32($0) }), !gone.contains(number) {
        index.remove(hashes[Int(number)]) { hashes[Int($0)] }
        known[hashes[Int(number)]] = nil
        gone.insert(number)
      }
    }
    for (hash, number) in known { #expect(index.number(of: hash) { hashes[Int($0)] } == number) }
    for number in gone where known[hashes[Int(number)]] == nil {
      #expect(index.number(of: hashes[Int(number)]) { hashes[Int($0)] } == nil)
    }
    #expect(most > (homes == 1 ? 20 : 40))
  }
}
