import Events
import Posix

/// What names were found to mean. Reference data changes seldom: an answer is kept for a while, and a name that was not
/// found is asked for again, so that what a person adds is seen at the next try.
final class NameCache: Sendable {
  /// Seconds.
  static let lifetime: Int64 = 900

  private struct Key: Hashable {
    let list: String
    let name: String
  }

  private let known = Lock<[Key: (ids: [String], until: Int64)]>([:])

  /// The ids that a name stands for.
  func id(
    of name: String, in list: String, _ ask: () async throws(Failure) -> [String]
  ) async throws(Failure) -> Found {
    let key = Key(list: list, name: name)
    let now = Clock.monotonicNanoseconds() / 1_000_000_000
    if let ids = known.withLock({ known in known[key].flatMap { $0.until > now ? $0.ids : nil } }) {
      return Found(ids: ids)
    }
    let ids = try await ask()
    if ids.count == 1 { known.withLock { $0[key] = (ids, now + Self.lifetime) } }
    return Found(ids: ids)
  }

  struct Found: Sendable {
    let ids: [String]

    /// None and several both wait for a person: nothing is guessed.
    func one(_ name: String, _ list: String, _ side: Side, field: String? = nil) throws(Failure) -> String {
      if ids.count == 1 { return ids[0] }
      let what = ids.isEmpty ? "has no \(list) named {0}." : "has several \(list)s named {0}."
      throw .held(
        Reason(
          ids.isEmpty ? "reference-missing" : "reference-ambiguous", .reference, "\(side.title) \(what)",
          quoted: [name],
          side: side, field: field))
    }
  }
}
