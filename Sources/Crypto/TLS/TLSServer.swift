import Posix

/// The context that new connections take. It may be replaced at any time: who shakes hands or is connected keeps the one
/// he began with.
public final class TLSServer: Sendable {
  private let state: Lock<TLSContext>
  private let counters = Lock(TLSCounters())

  public init(_ context: TLSContext) { state = Lock(context) }

  public var current: TLSContext { state.withLock { $0 } }

  public func replace(with context: TLSContext) { state.withLock { $0 = context } }

  /// What came of the handshakes so far.
  public var counted: TLSCounters { counters.withLock { $0 } }

  /// Counts a handshake that is over.
  public func count(_ step: TLSSession.Step, resumed: Bool) {
    switch step {
    case .wantsRead, .wantsWrite: return
    case .done: counters.withLock { $0.count(resumed) }
    case .failed(let failure): counters.withLock { $0.count(failure) }
    }
  }
}

/// Handshakes since the start.
public struct TLSCounters: Hashable, Sendable {
  /// Those that were finished, and which of them took up an earlier session.
  public private(set) var finished = 0
  public private(set) var resumed = 0
  /// Those that came to nothing: for a client certificate that is not good, and for any other reason.
  public private(set) var certificatesRefused = 0
  public private(set) var failed = 0
  /// Why the last client certificate was refused, in OpenSSL's words.
  public private(set) var lastRefusal = ""

  mutating func count(_ isResumed: Bool) {
    finished += 1
    if isResumed { resumed += 1 }
  }

  mutating func count(_ failure: TLSFailure) {
    if case .clientCertificate(let why) = failure {
      certificatesRefused += 1
      lastRefusal = why
    } else {
      failed += 1
    }
  }
}
