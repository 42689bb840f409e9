import Crypto
import Formats
import Foundation
import HTTP
import Inbound
import Posix
import Support
import Testing
import Web

/// Whether the time that a comparison takes tells how much of a code was right, or which key it is by: Welch's t between
/// two kinds of requests, sent in random order. Beyond 4.5, with a million samples, it does.
///
/// Needs a quiet machine and a release build, so it runs only where it is asked for:
/// `CAUSEWAY_TIMING=1000000 swift test -c release -Xswiftc -enable-testing --filter TimingTests`.
@Suite(.enabled(if: Timing.samples != nil, "set CAUSEWAY_TIMING to a number of samples"), .serialized)
struct TimingTests {
  /// Base64 is read by a table; the digits of hexadecimal, which the sender chose, take times of their own.
  private static let signed = SignedSettings(header: "s", encoding: .base64)

  @Test func `two codes are compared in one time, whether they are equal or differ at once`() {
    let code = HMACKey(.sha256, key: [1]).code(for: Proving.body)
    // Buffers of their own, and no branch here: what is measured is the comparison.
    let others = [UInt8(0), 1].map { change in code.indices.map { $0 == 0 ? code[$0] ^ change : code[$0] } }
    var hits = 0
    let t = Self.welch { kind in
      for _ in 0..<32 { hits &+= constantTimeEqual(code, others[kind]) ? 1 : 0 }
    }
    #expect(hits > 0)
    Self.report("equal, first octet wrong", t)
  }

  @Test func `a code that is wrong at its beginning takes as long as one that is wrong at its end`() throws {
    let source = try Proving(Proving.hmac(Self.signed)).source
    let code = Proving.code("")
    let requests = [0, code.count - 1].map { place in
      var wrong = code
      wrong[place] ^= 1
      return Proving.request(["s": Base64.encode(wrong)])
    }
    Self.report("hmac, first or last octet wrong", Self.verify(requests, source))
  }

  @Test func `a code by the first key takes as long as one by the second`() throws {
    let source = try Proving(Proving.hmac(Self.signed, .sha256, ["one", "two"])).source
    let requests = ["one", "two"].map { Proving.request(["s": Base64.encode(Proving.code("", key: $0))]) }
    Self.report("hmac, first or second key", Self.verify(requests, source))
  }

  @Test func `a token takes as long whichever of its octets is wrong`() throws {
    let source = try Proving(.bearer(BearerSettings(secrets: [Proving.secret("t", "0123456789abcdef")]))).source
    let requests = ["x123456789abcdef", "0123456789abcdex"].map { Proving.request(["Authorization": "Bearer \($0)"]) }
    Self.report("bearer, first or last octet wrong", Self.verify(requests, source))
  }

  private static func verify(_ requests: [Request], _ source: any Source) -> Double {
    welch { kind in _ = try? source.verify(requests[kind], at: Messages.now) }
  }

  private static func report(_ name: String, _ t: Double) {
    print("timing \(name): t = \((t * 100).rounded() / 100) of \(Timing.samples ?? 0) samples")
    #expect(abs(t) < 4.5, "\(name)")
  }

  /// Welch's t of what two kinds of work take, in nanoseconds; the slowest hundredth is the machine's and left out.
  private static func welch(_ work: (Int) -> Void) -> Double {
    var random = SeededRandom(seed: 7)
    let kinds = (0..<(Timing.samples ?? 0)).map { _ in Int(random.next() & 1) }
    for kind in kinds.prefix(10_000) { work(kind) }
    let times = kinds.map { kind in
      let start = Clock.monotonicNanoseconds()
      work(kind)
      return Clock.monotonicNanoseconds() - start
    }
    let limit = times.sorted()[times.count * 99 / 100]
    let parts = [0, 1].map { wanted in
      zip(kinds, times).filter { $0 == wanted && $1 <= limit }.map { Double($1) }
    }
    let (a, b) = (moments(parts[0]), moments(parts[1]))
    return (a.mean - b.mean) / (a.variance / a.count + b.variance / b.count).squareRoot()
  }

  private static func moments(_ values: [Double]) -> (mean: Double, variance: Double, count: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1), count)
  }
}

enum Timing {
  static let samples = ProcessInfo.processInfo.environment["CAUSEWAY_TIMING"].flatMap { Digits.int($0) }.map(Int.init)
}
