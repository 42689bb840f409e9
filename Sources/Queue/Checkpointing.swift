// When checkpoints are written: after a seal, when idle after much, and at the end.

/// What the writer knows of its checkpoints.
struct Checkpointing {
  /// Bytes of log since the last.
  var behind: UInt64 = 0
  var isUnderWay = false
  /// Reasons for which there must be none now.
  var holds = 0
  /// Of the last one.
  var size: UInt64 = 0
  /// As of which sequence.
  var nextSequence: UInt64 = 0

  func isDue(after: UInt64) -> Bool { !isUnderWay && holds == 0 && behind >= max(after, size) }
}

extension Writer {
  /// Writes one on the upkeep's thread, where there is enough since the last.
  mutating func checkpointIfDue() {
    guard checkpointing.isDue(after: options.checkpointAfter) else { return }
    checkpointing.isUnderWay = true
    checkpointing.behind = 0
    let job = checkpoint()
    let inbox = inbox
    log.upkeep.submit { _ = inbox.put(.checkpointed(job())) }
  }

  /// The last thing that is written, so that the next start reads little.
  mutating func checkpointAtEnd() {
    if checkpointing.nextSequence == draft.nextSequence || checkpointing.holds > 0 { return }
    _ = checkpoint()()
  }

  mutating func checkpointed(_ size: UInt64?) {
    checkpointing.isUnderWay = false
    if let size { checkpointing.size = size }
  }

  /// What writes a checkpoint as of now. Taking the snapshot is all that the writer waits for.
  private mutating func checkpoint() -> @Sendable () -> UInt64? {
    let head = CheckpointHead(
      nextSequence: draft.nextSequence, segment: log.segment, offset: log.end, nextBatch: log.nextBatch,
      previous: log.previous, time: log.time, identityKey: log.identityKey)
    checkpointing.nextSequence = draft.nextSequence
    let snapshot = StateSnapshot(state, through: draft.nextSequence - 1)
    let names = log.names.firstSequences
    let writing = CheckpointWriting(disk: log.disk, folder: log.folder, keys: log.keys)
    let floor = options.minimumFree
    return { writing.write(head, names, snapshot, minimumFree: floor) }
  }
}
