import Glibc

// Which streams of a loop are in which phase, oldest first: whom to close when there is no room. Everything here runs on
// the loop's thread.

/// The lists' ends and lengths; the links between them are in the rows. Streams that work are in none.
struct PhaseLists {
  struct List {
    var first: Int32 = -1
    var last: Int32 = -1
    var count = 0
  }

  private var lists = [List](repeating: List(), count: 5)

  subscript(_ phase: Phase) -> List {
    get { lists[Int(phase.rawValue)] }
    set { lists[Int(phase.rawValue)] = newValue }
  }
}

extension EventLoop {
  /// How many streams of the loop are in a phase. On the loop only.
  public func count(_ phase: Phase) -> Int { state.pointee.phases[phase].count }

  /// Moves a row to the end of a phase's list. Staying in a phase is no move: its age counts from when it was entered.
  func move(_ slot: Int32, to phase: Phase) {
    let row = row(slot)
    guard row.pointee.phase != phase else { return }
    if row.pointee.phase != .working { unlink(row) }
    row.pointee.phase = phase
    row.pointee.since = now
    if phase != .working { link(row, slot) }
  }

  private func unlink(_ row: UnsafeMutablePointer<Row>) {
    var list = state.pointee.phases[row.pointee.phase]
    let (before, after) = (row.pointee.before, row.pointee.after)
    if before < 0 { list.first = after } else { self.row(before).pointee.after = after }
    if after < 0 { list.last = before } else { self.row(after).pointee.before = before }
    list.count -= 1
    state.pointee.phases[row.pointee.phase] = list
    row.pointee.before = -1
    row.pointee.after = -1
  }

  private func link(_ row: UnsafeMutablePointer<Row>, _ slot: Int32) {
    var list = state.pointee.phases[row.pointee.phase]
    row.pointee.before = list.last
    if list.last < 0 { list.first = slot } else { self.row(list.last).pointee.after = slot }
    list.last = slot
    list.count += 1
    state.pointee.phases[row.pointee.phase] = list
  }

  /// Enters a phase; where more streams of the owner are in it than may be, the oldest is closed.
  func enter(_ phase: Phase, _ slot: Int32) {
    let row = row(slot)
    guard row.pointee.phase != phase else { return }
    move(slot, to: phase)
    guard let owner = row.pointee.owner, count(phase) > owner.most(in: phase) else { return }
    _ = closeOldest(phase, of: owner, but: slot)
  }

  /// Makes room for another stream: closes an owner's oldest idle one, or else the oldest that has not said anything
  /// whole. False where there is none of either.
  @discardableResult
  public func makeRoom(_ owner: any StreamOwner) -> Bool {
    closeOldest(.idle, of: owner) || closeOldest(.opening, of: owner) || closeOldest(.head, of: owner)
  }

  private func closeOldest(_ phase: Phase, of owner: any StreamOwner, but spared: Int32 = -1) -> Bool {
    var slot = state.pointee.phases[phase].first
    for _ in 0..<Limits.candidatesToClose where slot >= 0 {
      let row = row(slot)
      // A request may have arrived that the loop has not been told of yet: it is served.
      let isWanted = phase == .idle && !row.pointee.flags.contains(.lingering) && hasBytes(row.pointee.descriptor)
      if row.pointee.owner === owner, slot != spared, !isWanted {
        closeRow(slot)
        return true
      }
      slot = row.pointee.after
    }
    return false
  }
}

extension Stream {
  /// Where the stream is now; its age in that phase begins with the first time it is said.
  @inline(__always)
  public func enter(_ phase: Phase) {
    guard let row, row.pointee.phase != phase else { return }
    loop.enter(phase, slot)
  }

  /// When the stream entered its phase, on the loop's clock.
  public var since: Int64 { row?.pointee.since ?? loop.now }

  /// Gives the stream back to its loop's table in the middle of a request's head: the task may end. More bytes start
  /// another, which finds what had come with `takeKept`; where none come before `deadline`, the owner is told.
  public func keep(_ bytes: [UInt8], deadline: Int64) {
    guard let row else { return }
    loop.enter(.head, slot)
    guard deadline > loop.now else {
      row.pointee.owner?.expired(self)
      return
    }
    row.pointee.kept = bytes
    wait(deadline: deadline)
  }

  /// What `keep` was given; empty where there is nothing.
  public func takeKept() -> [UInt8] {
    guard let row, !row.pointee.kept.isEmpty else { return [] }
    let bytes = row.pointee.kept
    row.pointee.kept = []
    return bytes
  }
}
