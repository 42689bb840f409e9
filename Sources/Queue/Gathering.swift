/// Which calls a batch waits for, and how long.
///
/// A sync takes its time whether it carries one event or a hundred. Left alone, a busy writer syncs as soon as the first
/// of those it has just answered calls again, and carries few each time: the others wait for that sync and for their own.
/// So where many call at once a batch waits for all who are about: whoever was just answered, and whoever calls already.
/// What has come is put together meanwhile, so that only the last of them is waited for. A quarter of a sync's time is
/// all that this may take: on a slow disk all come within it, on a fast one the next sync is soon. Below `few` callers
/// nothing waits: one caller by itself is never held up.
struct Gathering {
  static let few = 8
  /// Calls that are put together at a time.
  static let most = 16
  /// Nanoseconds that it takes at most; and those for which the writer does not sleep meanwhile, as it would be woken
  /// again and again.
  static let longest: Int64 = 2_000_000
  static let awake: Int64 = 200_000

  private var answered = 0
  private var latest: Int64 = 0
  /// Calls that are still waited for.
  private(set) var missing = 0
  /// Until when; monotonic nanoseconds.
  private(set) var end: Int64 = 0

  var isOn: Bool { missing > 0 }

  /// How many calls are worth a look.
  var part: Int { min(missing, Self.most) }

  /// So many calls were answered, by a batch that was on disk at this time after so many nanoseconds.
  mutating func note(answered count: Int, at time: Int64, after nanoseconds: Int64) {
    answered = count
    latest = time + min(Self.longest, nanoseconds / 4)
  }

  /// A batch begins; `waiting` calls are there already.
  mutating func begin(waiting: Int) {
    let about = answered + waiting
    missing = answered > 0 && about >= Self.few ? about : 0
    end = latest
    answered = 0
  }

  mutating func note(came count: Int) { missing = max(0, missing - count) }

  mutating func stop() { missing = 0 }
}
