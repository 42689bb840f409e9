/// A loop's share of the octets that requests may hold while they are read, worked on and answered
/// (`HTTPLimits.memory`). Touched by its loop only.
struct BodyBudget {
  let limit: Int
  private(set) var held = 0

  init(limit: Int) { self.limit = limit }

  /// False where there is no room. The last eighth is for those who have begun: who comes new is refused before his body
  /// is read, so that what was begun can be finished. A request that is alone may be as large as it likes.
  mutating func take(_ octets: Int, isNew: Bool) -> Bool {
    let room = isNew ? limit - limit / 8 : limit
    guard held + octets <= room || held == 0 else { return false }
    held += octets
    return true
  }

  mutating func give(_ octets: Int) { held -= octets }
}
