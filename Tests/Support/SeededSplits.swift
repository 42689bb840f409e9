/// How a byte stream is cut: whole, byte by byte, and in seeded pieces. Every test of a stream runs over all of them.
public enum Split: Sendable, CustomStringConvertible {
  case whole
  case bytes
  case seeded(UInt64)

  public static let all: [Split] = [.whole, .bytes] + (1...8).map { .seeded($0) }

  public var description: String {
    switch self {
    case .whole: "whole"
    case .bytes: "byte by byte"
    case .seeded(let seed): "seed \(seed)"
    }
  }

  public func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    switch self {
    case .whole: return [bytes]
    case .bytes: return bytes.map { [$0] }
    case .seeded(let seed):
      var random = SeededRandom(seed: seed)
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = min(rest.count, Int.random(in: 1...max(1, bytes.count / 5), using: &random))
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      return pieces
    }
  }
}
