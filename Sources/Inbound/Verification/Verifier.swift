import Formats
import Web

/// All entries of an endpoint's `verify`, each with its keys. Looks at raw bytes only.
public struct Verifier: Sendable {
  private struct Entry: Sendable {
    let check: any Check
    /// One for each of its keys; 1 where it has none.
    let keys: Int
  }

  private let entries: [Entry]
  /// The keys that held, for every way in which all entries can hold: made ahead, so that a request allocates nothing.
  private let combinations: [[KeyUse]]
  private let challenges: [String]
  private let tokens: TokenMemory
  /// Every key, in the order of the configuration. A key that stands in two entries of one kind is one.
  public let keys: [KeyUse]

  /// Refuses everything: for settings that are looked at and not used.
  static let refusingAll = Verifier([Entry(check: RefuseAll(), keys: 1)], [[]], [], [], TokenMemory())

  private init(
    _ entries: [Entry], _ combinations: [[KeyUse]], _ keys: [KeyUse], _ challenges: [String], _ tokens: TokenMemory
  ) {
    self.entries = entries
    self.combinations = combinations
    self.keys = keys
    self.challenges = challenges
    self.tokens = tokens
  }

  /// Reads the secrets.
  init(
    _ verify: SourceSettings.Verify, endpoint: String, tokens: TokenMemory
  ) throws(SettingsProblem) {
    guard case .all(let settings) = verify else {
      self.init([], [[]], [], [], tokens)
      return
    }
    guard !settings.isEmpty else { throw Verification.saysNothing }
    var entries: [Entry] = []
    var combinations: [[KeyUse]] = [[]]
    var keys: [KeyUse] = []
    for (place, entry) in Self.inOrder(settings) {
      let uses = entry.keys.map { key in
        if let known = keys.first(where: { $0.entry == entry.name && $0.key == key }) { return known }
        let use = KeyUse(entry: entry.name, key: key)
        keys.append(use)
        return use
      }
      do throws(SettingsProblem) {
        entries.append(Entry(check: try entry.check(endpoint: endpoint), keys: max(1, uses.count)))
      } catch {
        throw SettingsProblem(["verify", "\(place)", entry.name], error.message)
      }
      if !uses.isEmpty { combinations = combinations.flatMap { before in uses.map { before + [$0] } } }
      guard combinations.count <= Limits.keyCombinations else {
        throw SettingsProblem("verify", "the entries name too many keys")
      }
    }
    var challenges: [String] = []
    for challenge in settings.compactMap(\.challenge) where !challenges.contains(challenge) {
      challenges.append(challenge)
    }
    self.init(entries, combinations, keys, challenges, tokens)
  }

  /// Addresses last: 403 is for who has proven the rest.
  private static func inOrder(_ settings: [Verification]) -> [(place: Int, entry: Verification)] {
    let all = settings.enumerated().map { (place: $0.offset, entry: $0.element) }
    return all.filter { !$0.entry.isOfAddresses } + all.filter(\.entry.isOfAddresses)
  }

  public func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proof {
    do throws(Rejection) {
      return try proof(of: request, at: now)
    } catch {
      throw challenges.isEmpty ? error : error.challenged(by: challenges)
    }
  }

  private func proof(of request: Request, at now: Instant) throws(Rejection) -> Proof {
    var place = 0
    var uses: [TokenUse] = []
    for entry in entries {
      let proven = try entry.check.verify(request, at: now)
      place = place * entry.keys + proven.key
      if let token = proven.token { uses.append(token) }
    }
    // Only now: what somebody sends who has a token and nothing else must not take the token's place.
    for use in uses { try take(use, at: now) }
    let matched = combinations[place]
    for key in matched { key.record(at: now) }
    return Proof(at: now, matched: matched)
  }

  private func take(_ use: TokenUse, at now: Instant) throws(Rejection) {
    switch tokens.take(use, now: now.secondsSince1970) {
    case .first, .again: return
    case .otherBody: throw .unproven("token-replayed")
    case .full: throw .unavailable(retryAfter: 5)
    }
  }

  /// Reads again what may have changed on disk; what could not be read stays as it was. Returns what is wrong.
  public func refresh() -> [SettingsProblem] {
    entries.compactMap { entry in
      do throws(SettingsProblem) {
        try entry.check.refresh()
        return nil
      } catch {
        return error
      }
    }
  }
}
