import Crypto
import Posix

/// That a token came with a body: both as digests.
public struct TokenUse: Hashable, Sendable {
  /// The first half of a SHA-256.
  public struct Mark: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }

    init(_ bytes: [UInt8]) {
      let digest = Digest.sha256.hash(bytes)
      high = digest[..<8].reduce(0) { $0 << 8 | UInt64($1) }
      low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  public let token: Mark
  public let body: Mark
  /// Seconds since 1970 from which the token is refused anyway.
  public let expires: Int64

  public init(token: Mark, body: Mark, expires: Int64) {
    self.token = token
    self.body = body
    self.expires = expires
  }
}

/// Which tokens came with which body, until they expire.
///
/// A token is for one body: the same request again is let through, and is then known by its identity; the same token
/// with another body is refused.
public final class TokenMemory: Sendable {
  private struct State {
    var known: [TokenUse.Mark: (body: TokenUse.Mark, expires: Int64)] = [:]
    /// The tokens by the minute in which they expire, so that forgetting is done in small steps.
    var minutes: [Int64: [TokenUse.Mark]] = [:]
    var unwritten: [TokenUse] = []
  }

  private let state = Lock(State())
  private let limit: Int
  private let isWritten: Bool

  /// `limit`: tokens at a time. `isWritten`: somebody takes what is new, with `takeUnwritten`.
  public init(limit: Int = 1 << 19, isWritten: Bool = false) {
    self.limit = limit
    self.isWritten = isWritten
  }

  enum Verdict { case first, again, otherBody, full }

  /// `now` in seconds since 1970.
  func take(_ use: TokenUse, now: Int64) -> Verdict {
    state.withLock { state in
      Self.forget(&state, now: now)
      if let known = state.known[use.token], known.expires > now { return known.body == use.body ? .again : .otherBody }
      guard state.known.count < limit else { return .full }
      Self.add(use, to: &state)
      if isWritten { state.unwritten.append(use) }
      return .first
    }
  }

  /// Tokens that are known, some of them expired.
  public var count: Int { state.withLock { $0.known.count } }

  /// What was taken since the last call.
  public func takeUnwritten() -> [TokenUse] {
    state.withLock { state in
      let uses = state.unwritten
      state.unwritten = []
      return uses
    }
  }

  /// What was taken before a restart.
  public func restore(_ uses: [TokenUse], now: Int64) {
    state.withLock { state in
      for use in uses where use.expires > now && state.known.count < limit { Self.add(use, to: &state) }
    }
  }

  /// All that is known, for a file that is written anew.
  public func all(now: Int64) -> [TokenUse] {
    state.withLock { state in
      state.known.compactMap { token, value in
        value.expires > now ? TokenUse(token: token, body: value.body, expires: value.expires) : nil
      }
    }
  }

  private static func add(_ use: TokenUse, to state: inout State) {
    state.known[use.token] = (use.body, use.expires)
    state.minutes[use.expires / 60, default: []].append(use.token)
  }

  /// A few of those that have expired: each call forgets more than it adds.
  private static func forget(_ state: inout State, now: Int64) {
    guard !state.known.isEmpty, let minute = state.minutes.keys.min(), minute < now / 60 else { return }
    for _ in 0..<8 {
      guard let token = state.minutes[minute]?.popLast() else {
        state.minutes[minute] = nil
        return
      }
      if let known = state.known[token], known.expires <= now { state.known[token] = nil }
    }
  }
}
