import Posix

/// A range of sequences that no run covers.
struct IdentityGap: Sendable {
  let first, last: UInt64
  /// The time of its newest identity.
  let newest: Int64
  /// What was found of it in the log.
  var table = IdentityTable()
  var oldest: Int64 = .max
}

/// The runs that are in a folder.
struct LoadedRuns {
  var runs: [IdentityRun] = []
  /// Runs that cannot be used: to be put aside.
  var damaged: [String] = []
  /// What an interrupted write or merge left: to be removed.
  var leftovers: [String] = []
  /// A run that a later program wrote: the log must not be opened.
  var newer: (name: String, version: UInt32)?

  /// Reads, and changes nothing. A run with another key is another log's.
  init(_ disk: any Disk, _ folder: String, key: IdentityKey) throws(DiskError) {
    var found: [IdentityRun] = []
    for name in try disk.list(folder).sorted() {
      if name.hasSuffix(".ids" + IdentityRunFormat.unfinished) { leftovers.append(name) }
      guard let first = IdentityRunFormat.firstSequence(name) else { continue }
      switch try? IdentityRun.open(disk, folder + "/" + name) {
      case .run(let run) where run.head.key == key && run.head.first == first: found.append(run)
      case .version(let version): newer = (name, version)
      case .run, .damaged, nil: damaged.append(name)
      }
    }
    // A range inside of another was merged into it.
    var covered: UInt64 = 0
    for run in found.sorted(by: { $0.head.first < $1.head.first }) {
      if run.head.last <= covered { leftovers.append(run.name) } else { runs.append(run) }
      covered = max(covered, run.head.last)
    }
  }

  /// Removes leftovers and puts what is damaged aside.
  func tidy(_ disk: any Disk, _ folder: String) throws(DiskError) {
    for name in leftovers { try disk.unlink(folder + "/" + name) }
    for name in damaged { try disk.rename(folder + "/" + name, to: folder + "/" + name + ".set-aside") }
    if !leftovers.isEmpty || !damaged.isEmpty { try disk.syncFolder(folder) }
  }
}

extension DuplicateMemory {
  /// Begins with what runs cover, before anything of the log is read, whose first sequence is `begin`.
  mutating func begin(with loaded: LoadedRuns, logBegins begin: UInt64) {
    for run in loaded.runs {
      let head = run.head
      if head.first > first { gaps.append(IdentityGap(first: first, last: head.first - 1, newest: head.newestBefore)) }
      runs.append(KnownRun(run))
      first = head.last + 1
      newestBefore = head.newest
    }
    if begin > first {
      // Nobody says when the newest of these came.
      gaps.append(IdentityGap(first: first, last: begin - 1, newest: .max))
      first = begin
      newestBefore = .max
    }
  }

  /// An identity of a range before `first`: kept where no run covers it.
  mutating func fill(_ identity: Identity, at time: Int64) {
    guard let index = gaps.firstIndex(where: { ($0.first...$0.last).contains(identity.sequence) }) else { return }
    gaps[index].oldest = min(gaps[index].oldest, time)
    gaps[index].table.insert(identity)
  }

  /// After the log was read: makes runs anew that are missing, as far as the log has what was in them. Gives the
  /// sequences within the window that can no longer be told.
  mutating func end(logBegins begin: UInt64, at time: Int64) -> [ClosedRange<UInt64>] {
    var lost: [ClosedRange<UInt64>] = []
    for gap in gaps where gap.newest >= time - window {
      if gap.first < begin { lost.append(gap.first...min(gap.last, begin - 1)) }
      if gap.last >= begin { frozen.append(part(gap, from: max(gap.first, begin))) }
    }
    frozen.sort { $0.first < $1.first }
    gaps = []
    expire(at: time)
    return lost
  }

  private func part(_ gap: IdentityGap, from first: UInt64) -> FrozenIdentities {
    let oldest = gap.table.count == 0 ? gap.newest : gap.oldest
    let before = runs.last { $0.run.head.last < gap.first }?.run.head.newest ?? .min
    return FrozenIdentities(
      table: gap.table, first: first, last: gap.last, oldest: oldest, newest: gap.newest,
      newestBefore: first > gap.first ? oldest : before)
  }
}
