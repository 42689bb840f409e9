import Posix

// Sealed segments are read again in the background: damage that nobody looks at is damage that a backup no longer helps
// against.

/// What the writer knows of the scrub.
struct Scrubbing {
  /// When the next segment is read; monotonic nanoseconds.
  var next: Int64 = 0
  /// The first sequence of the segment that was read last.
  var last: UInt64 = 0
  /// Segments that are read one a second: after a start that did not follow an orderly end.
  var hurried = 0
  var isUnderWay = false
  /// When a segment that was just sealed may be read back at once; monotonic nanoseconds.
  var nextReadBack: Int64 = 0
  static let second: Int64 = 1_000_000_000
}

extension Writer {
  /// Has the next segment read, where its time has come.
  mutating func scrub() {
    guard now >= scrubbing.next, !scrubbing.isUnderWay, !log.sealed.isEmpty else { return }
    let segment = log.sealed.first { $0.firstSequence > scrubbing.last } ?? log.sealed[0]
    scrubbing.last = segment.firstSequence
    scrubbing.isUnderWay = true
    scrubbing.hurried = max(0, scrubbing.hurried - 1)
    let pause = options.scrubTime * Scrubbing.second / Int64(log.sealed.count)
    scrubbing.next = now + (scrubbing.hurried > 0 ? Scrubbing.second : max(Scrubbing.second, pause))
    scrub(Format.segmentName(segment.firstSequence))
  }

  /// Reads a segment that was just sealed; one a second, where they come faster the others wait for their turn.
  mutating func readBack(_ segment: SealedSegment) {
    guard now >= scrubbing.nextReadBack else {
      scrubbing.hurried = min(scrubbing.hurried + 1, log.sealed.count)
      scrubbing.next = min(scrubbing.next, now + Scrubbing.second)
      return
    }
    scrubbing.nextReadBack = now + Scrubbing.second
    scrub(Format.segmentName(segment.firstSequence))
  }

  /// Reads it on the upkeep's thread. One that was let go meanwhile is no damage.
  private func scrub(_ name: String) {
    let scrub = SegmentScrub(disk: log.disk, folder: log.folder, name: name, keys: log.keys)
    let inbox = inbox
    log.upkeep.submit { _ = inbox.put(.scrubbed(name, scrub.run())) }
  }

  mutating func scrubbed(_ name: String, _ damage: [Damage]) {
    scrubbing.isUnderWay = false
    guard log.sealed.contains(where: { Format.segmentName($0.firstSequence) == name }) else { return }
    shared.note(scrubbed: name, damage)
    for damage in damage { options.onDamage?(damage) }
  }
}
