import Events
import Testing

@testable import Service

@Suite struct CircuitTests {
  private func failing(_ kind: Reason.Class, _ count: Int, at now: Int64 = 0) -> Circuit {
    var circuit = Circuit()
    for _ in 0..<count { circuit.failed(kind, after: nil, at: now) }
    return circuit
  }

  @Test(arguments: [(Reason.Class.unavailable, 5), (.timeOut, 5), (.authentication, 2), (.limit, 10)])
  func `it opens after failures of one class in a row`(kind: Reason.Class, count: Int) {
    #expect(failing(kind, count - 1).standing(at: 0) == .closed)
    #expect(failing(kind, count).standing(at: 0) == .open(5_000))
  }

  @Test func `it opens when half of the last calls failed, and not when some did`() {
    var (half, some) = (Circuit(), Circuit())
    for index in 0..<20 {
      if index % 2 == 0 { half.succeeded() } else { half.failed(.unavailable, after: nil, at: 0) }
      if index % 3 != 0 { some.succeeded() } else { some.failed(.unavailable, after: nil, at: 0) }
    }
    #expect(half.standing(at: 0) != .closed)
    #expect(some.standing(at: 0) == .closed)
  }

  @Test func `one call is the probe, and its success closes the circuit`() {
    var circuit = failing(.unavailable, 5)
    #expect(circuit.admits(at: 4_999) == false)
    #expect(circuit.admits(at: 5_000) == true)
    #expect(circuit.admits(at: 5_001) == false)
    #expect(circuit.standing(at: 5_001) == .probing)
    circuit.succeeded()
    let both = [circuit.admits(at: 5_002), circuit.admits(at: 5_002)]
    #expect(both == [true, true])
    #expect(circuit.failuresInARow == 0)
  }

  @Test func `each probe that fails doubles the time, up to a minute`() {
    var circuit = failing(.unavailable, 5)
    var now: Int64 = 0
    var lengths: [Int64] = []
    for _ in 0..<6 {
      guard case .open(let left) = circuit.standing(at: now) else { break }
      lengths.append(left)
      now += left
      #expect(circuit.admits(at: now) == true)
      circuit.failed(.timeOut, after: nil, at: now)
    }
    #expect(lengths == [5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  }

  @Test func `what the system asked for is the least, for an hour at most`() {
    var circuit = failing(.unavailable, 4)
    circuit.failed(.unavailable, after: 300_000, at: 0)
    #expect(circuit.standing(at: 0) == .open(300_000))
    var greedy = failing(.unavailable, 4)
    greedy.failed(.unavailable, after: 86_400_000, at: 0)
    #expect(greedy.standing(at: 0) == .open(3_600_000))
  }

  @Test func `a late answer to what was asked before does not close it`() {
    var circuit = failing(.unavailable, 5)
    circuit.succeeded()
    #expect(circuit.standing(at: 1) == .open(4_999))
  }

  @Test func `a probe that never ends is not waited for for ever`() {
    var circuit = failing(.unavailable, 5)
    #expect(circuit.admits(at: 5_000) == true)
    #expect(circuit.admits(at: 5_000 + Circuit.Limits.lost - 1) == false)
    #expect(circuit.admits(at: 5_000 + Circuit.Limits.lost) == true)
  }

  @Test func `while a probe is due one piece of work may bring it`() {
    var circuit = failing(.unavailable, 5)
    #expect(circuit.wait(at: 1_000) == 4_000)
    #expect(circuit.isShut(at: 1_000) && !circuit.isShut(at: 5_000))
    #expect(circuit.wait(at: 5_000) == nil)
    #expect(circuit.wait(at: 5_000) == 5_000)
    #expect(circuit.isShut(at: 5_000))
    // It never called: the next may.
    #expect(circuit.wait(at: 10_000) == nil)
  }
}
