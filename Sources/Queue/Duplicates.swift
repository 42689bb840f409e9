/// What is remembered of an event's identity: keyed hashes, so that a sender cannot aim at another's.
struct Identity: Equatable {
  /// Of (system, id).
  var id: UInt64
  /// Of the body: its CRC-32C and its length.
  var body: UInt64
  var sequence: UInt64
}

enum Familiarity: Equatable {
  case unknown
  /// The same id with the same body.
  case duplicate(of: UInt64)
  /// The same id with another body.
  case conflicting
  /// It may be known: what would say so cannot be read. The event is stored and flagged, since one that is stored twice
  /// can be told by what it wrote, and one that was taken for known is lost.
  case uncertain
}

/// Identities of the last days: the newest in a table in memory, the others in runs on disk. Each part covers a range of
/// sequences, one behind the other, and is forgotten as a whole once its newest entry is out of the window.
///
/// It does nothing to the disk but read a block where a run's filter lets a look-up through. What is to be written,
/// merged or removed is a `nextJob` for another thread, whose outcome it is told by `finish`. Belongs to the writer.
///
/// A false match needs the same 64-bit hash of the id and the same body: two accidents at once.
struct DuplicateMemory {
  /// Milliseconds for which an identity is remembered at least; an eighth more at most.
  let window: Int64
  /// What identities and lanes are hashed with.
  let key: IdentityKey
  let bounds: IdentityBounds

  /// The newest identities, from the sequence `first` on.
  var table = IdentityTable()
  var first: UInt64 = 1
  var oldest: Int64 = 0
  var newest: Int64 = 0
  /// The time of the newest identity before `first`; `.min`: there is none, `.max`: nobody knows.
  var newestBefore: Int64 = .min
  /// Tables that are not written yet, oldest first.
  var frozen: [FrozenIdentities] = []
  /// On disk, in the order of their ranges.
  var runs: [KnownRun] = []
  /// Ranges before `first` that no run covers, while the log is read.
  var gaps: [IdentityGap] = []
  /// Sequences that the log cannot read back: an event that comes again may not be called a duplicate of one of them.
  var lost: [ClosedRange<UInt64>] = []
  /// Is done by another thread.
  var isJobUnderWay = false
  /// Why the last job failed, and when to try again.
  var failure: (text: String, until: Int64)?

  init(window: Int64, key: IdentityKey, bounds: IdentityBounds = IdentityBounds()) {
    self.window = window
    self.key = key
    self.bounds = bounds
  }

  /// The time in which entries of one part may lie, since they are forgotten together.
  var longestSpan: Int64 { max(1, window / 8) }

  /// More waits to be written than memory is meant for: no more should be taken in for now.
  var isBehind: Bool { frozen.count >= bounds.frozen }

  /// All events up to here, settled or not, are told without their segments, also after a crash.
  var durableThrough: UInt64 { min(first, frozen.map(\.first).min() ?? first) - 1 }

  /// Bytes in memory, but for what a job needs beside it.
  var memory: Int {
    table.memory + frozen.reduce(0) { $0 + $1.table.memory } + runs.reduce(0) { $0 + $1.run.memory }
  }

  // MARK: looking

  func look(_ identity: Identity) -> Familiarity {
    var found = table.look(identity)
    if case .duplicate = found { return found }
    var index = frozen.count
    while index > 0 {
      index -= 1
      if frozen[index].isForgotten { continue }
      let here = frozen[index].table.look(identity)
      if case .duplicate = here { return here }
      if here == .conflicting { found = here }
    }
    index = runs.count
    while index > 0 {
      index -= 1
      if !runs[index].filter.mayContain(identity.id) || runs[index].isForgotten { continue }
      var here = runs[index].run.look(identity)
      if case .duplicate(let sequence) = here {
        if !lost.contains(where: { $0.contains(sequence) }) { return here }
        here = .uncertain
      }
      if here == .conflicting || found == .unknown { found = here }
    }
    return found
  }

  // MARK: remembering

  /// Of each event of the log, in its order; what a run covers is known already. `time` never runs backwards.
  mutating func insert(_ identity: Identity, at time: Int64) {
    if identity.sequence < first { return fill(identity, at: time) }
    if table.count >= bounds.tableEntries || (table.count > 0 && time - oldest >= longestSpan) {
      freeze(through: identity.sequence - 1, at: time)
      expire(at: time)
    }
    if table.count == 0 {
      oldest = time
      // What was lost before it cannot be newer.
      newestBefore = min(newestBefore, time)
    }
    newest = time
    table.insert(identity)
  }

  /// Of an event that may be older than others that are known: its own record could not say it.
  mutating func remember(_ identity: Identity, at time: Int64) {
    if identity.sequence < first || table.count == 0 { return insert(identity, at: time) }
    table.insert(identity)
  }

  /// Ends the current table: it covers all up to `sequence`, and is to be written. With an empty table too, since
  /// somebody wants to know that much to be durable.
  mutating func freeze(through sequence: UInt64, at time: Int64) {
    guard sequence >= first else { return }
    let isEmpty = table.count == 0
    let before = min(newestBefore, time)
    let part = FrozenIdentities(
      table: table, first: first, last: sequence, oldest: isEmpty ? before : oldest,
      newest: isEmpty ? before : newest, newestBefore: before)
    frozen.append(part)
    newestBefore = part.newest
    first = sequence + 1
    table = IdentityTable()
  }

  // MARK: forgetting

  /// Forgets what has its newest entry out of the window. Files are removed by a job; the last run is written and stays
  /// on disk whatever its age, to say up to where runs reach.
  mutating func expire(at time: Int64) {
    // What is being written comes back as a run.
    let last = max(frozen.last?.last ?? 0, runs.last?.run.head.last ?? 0)
    if !isJobUnderWay {
      frozen.removeAll { $0.newest != .min && $0.newest < time - window && $0.last < last }
    }
    for index in frozen.indices where frozen[index].newest < time - window { frozen[index].isForgotten = true }
    for index in runs.indices where runs[index].run.head.newest < time - window { runs[index].isForgotten = true }
  }
}

/// How much is kept in memory, and in how many files.
struct IdentityBounds: Sendable {
  /// Entries of a table: three quarters of a power of two, which fill it.
  var tableEntries = 196_608
  /// Entries of a run that was merged.
  var runEntries = 2 << 20
  /// Beyond so many runs, neighbours are merged.
  var runs = 16
  /// Milliseconds after which a job that failed is tried again.
  var retryDelay: Int64 = 1_000
  /// Tables that wait to be written before intake has to wait for them.
  var frozen = 2
}

/// A table that changes no more, waiting to be written.
struct FrozenIdentities: Sendable {
  let table: IdentityTable
  let first, last: UInt64
  let oldest, newest: Int64
  let newestBefore: Int64
  /// Out of the window: not looked into any more.
  var isForgotten = false
}

/// A run as a look-up sees it.
struct KnownRun {
  let run: IdentityRun
  /// Lives as long as the run.
  let filter: IdentityFilter.View
  /// Out of the window: not looked into any more.
  var isForgotten = false
  /// A block cannot be read: it is merged no more.
  var isDamaged = false

  init(_ run: IdentityRun) {
    self.run = run
    filter = run.filter.view
  }
}
