/// The bounds of this target.
enum Limits {
  /// Events that a listing reads at once while it streams.
  static let page = 500
  /// Runs that one answer gives at most, and where nothing else is asked for.
  static let runs = 1000
  static let runsByDefault = 100
  /// Rows of each table on the page.
  static let rows = 50
  /// Waiting events that the page looks through for its lanes.
  static let waiting = 500
  /// How far behind an event its run requests are looked for, in sequences.
  static let runRequests: UInt64 = 50_000
  /// Seconds over which a retry may be spread.
  static let over: ClosedRange<Int64> = 0...604_800
  /// Octets of a request's body.
  static let body = 64 << 10
  /// Characters of the sentence with which a person drops events.
  static let reason = 500
}
