/// How many calls a batch waits for, and how long.
///
/// A sync costs the machine as much as taking in several events does, whether it carries one event or a hundred. Left
/// alone, a busy writer syncs as often as it can and carries few each time: what comes meanwhile is what the processors,
/// busy with syncs, had time for. So while many call at once, a batch waits for two fifths of those who are about:
/// whoever was just answered, and whoever waits already. The others keep the processors busy while it is synced. Where
/// they do not come, it waits no longer than a few syncs take. Below `few` callers nothing waits: one caller by itself is
/// never held up.
struct Gathering {
  static let few = 8
  /// Nanoseconds.
  static let longest: Int64 = 500_000
  /// A batch waits for the time of so many syncs.
  static let syncs: Int64 = 4

  private var answered = 0
  private var patience: Int64 = 0

  /// A batch was synced, in so many nanoseconds, and so many calls were answered with it.
  mutating func note(answered count: Int, after nanoseconds: Int64) {
    answered = count
    patience = min(Self.longest, nanoseconds * Self.syncs)
  }

  /// What the next batch is to wait for, where it is to wait. `waiting` calls are there already.
  mutating func take(waiting: Int) -> (calls: Int, nanoseconds: Int64)? {
    defer { answered = 0 }
    let about = answered + waiting
    guard answered > 0, about >= Self.few else { return nil }
    return (about * 2 / 5, patience)
  }
}
