/// What the runs' thread is to do to the disk, one at a time.
enum IdentityJob: Sendable {
  case write(FrozenIdentities)
  /// Neighbours, the older first.
  case merge(IdentityRun, IdentityRun)
  /// The file of a run that is forgotten.
  case remove(IdentityRun)
}

enum IdentityOutcome: Sendable {
  case written(IdentityRun)
  case merged(IdentityRun)
  case removed(first: UInt64)
  /// One of the runs that were to be merged cannot be read.
  case damaged(first: UInt64, String)
  case failed(String)
}

extension DuplicateMemory {
  /// What is to be done next, if nothing is being done; `finish` takes the outcome.
  mutating func nextJob(at time: Int64) -> IdentityJob? {
    if isJobUnderWay { return nil }
    if let failure, time < failure.until { return nil }
    expire(at: time)
    guard let job = job() else { return nil }
    isJobUnderWay = true
    return job
  }

  private func job() -> IdentityJob? {
    if let oldest = frozen.first { return .write(oldest) }
    // Oldest first, and never the last.
    if runs.count > 1, let first = runs.first, first.isForgotten { return .remove(first.run) }
    return merge()
  }

  /// The two smallest neighbours, where there are many runs. Not across a gap, nor so that entries are kept much longer
  /// than the window.
  private func merge() -> IdentityJob? {
    guard runs.count > bounds.runs else { return nil }
    var best: (count: Int, index: Int)?
    for index in runs.indices.dropLast() {
      let (one, other) = (runs[index], runs[index + 1])
      let count = one.run.head.count + other.run.head.count
      if one.isDamaged || other.isDamaged || count > bounds.runEntries { continue }
      guard one.run.head.last + 1 == other.run.head.first, span(one, other) <= longestSpan else { continue }
      if count < best?.count ?? .max { best = (count, index) }
    }
    return best.map { .merge(runs[$0.index].run, runs[$0.index + 1].run) }
  }

  private func span(_ one: KnownRun, _ other: KnownRun) -> Int64 {
    // An empty run keeps nothing.
    if one.run.head.count == 0 || other.run.head.count == 0 { return 0 }
    return other.run.head.newest - one.run.head.oldest
  }

  /// Takes in what a job did.
  mutating func finish(_ outcome: IdentityOutcome, at time: Int64) {
    isJobUnderWay = false
    if case .failed(let text) = outcome {
      failure = (text, time + bounds.retryDelay)
      return
    }
    failure = nil
    switch outcome {
    case .written(let run):
      frozen.removeAll { $0.first == run.head.first }
      add(run)
    case .merged(let run):
      runs.removeAll { run.head.sequences.contains($0.run.head.first) }
      add(run)
    case .removed(let first): runs.removeAll { $0.run.head.first == first }
    case .damaged(let first, _):
      for index in runs.indices where runs[index].run.head.first == first { runs[index].isDamaged = true }
    case .failed: break
    }
    // What was out of the window already while it was written is no better known for being on disk.
    expire(at: time)
  }

  private mutating func add(_ run: IdentityRun) {
    let index = runs.firstIndex { $0.run.head.first > run.head.first } ?? runs.endIndex
    runs.insert(KnownRun(run), at: index)
  }
}
