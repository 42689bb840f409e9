import Support
import Testing

@testable import Queue

/// Rows are found by their sequence, however these are spread.
@Suite struct RowTableTests {
  @Test(arguments: 0..<20) func `A row is found, and the first one behind any sequence`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var sequences: Set<UInt64> = []
    var next: UInt64 = 1
    for _ in 0..<Int.random(in: 1...9000, using: &random) {
      sequences.insert(next)
      next += Int.random(in: 0..<50, using: &random) == 0 ? UInt64.random(in: 1...1 << 40, using: &random) : 3
    }
    let ascending = sequences.sorted()
    var table = RowTable()
    for sequence in ascending.dropFirst() { table.append(Self.row(sequence)) }
    table.insert(Self.row(ascending[0]))
    var around: [UInt64] = [0, 1, next, .max - 1]
    for sequence in ascending.shuffled(using: &random).prefix(300) { around += [sequence - 1, sequence, sequence + 1] }
    for sequence in around {
      #expect(table[sequence]?.sequence == (sequences.contains(sequence) ? sequence : nil))
      var behind: UInt64?
      table.forEach(after: sequence) { row in
        behind = row.sequence
        return false
      }
      #expect(behind == ascending.first { $0 > sequence })
    }
  }

  private static func row(_ sequence: UInt64) -> Row {
    Row(sequence: sequence, place: .none, receivedAt: 0, lane: 0, flow: 0, marks: [])
  }
}
