import Posix

/// Reads segments and their records on a thread of its own, in order and not far ahead of who takes them; where it is
/// asked to, it checks those that are sealed as `SegmentScrub` does.
final class SegmentsAhead: Sendable {
  private let ready = Inbox<Result<ScannedSegment, DiskError>>()
  /// One for each segment that may be read now: beyond the first, one for each that was done with, in the order in which
  /// they were read.
  private let wanted = Inbox<Void>()
  /// Read, and not taken yet.
  private let waiting = Lock<[Result<ScannedSegment, DiskError>]>([])
  private let damage: Found
  private let thread: BlockingThread
  /// Segments that are in memory.
  private static let ahead = 3

  private final class Found: Sendable {
    let bySegment = Lock<[String: [Damage]]>([:])
  }

  init(
    _ disk: any Disk, _ folder: String, _ segments: [String], _ keys: EncryptionKeys, _ key: IdentityKey, scrubs: Bool
  ) throws(Errno) {
    let damage = Found()
    self.damage = damage
    thread = try BlockingThread(name: "queue-ahead") { [ready, wanted] in
      var permits: [Void] = []
      var read: [ScannedSegment] = []
      for name in segments {
        if permits.isEmpty { wanted.take(into: &permits, until: nil) }
        if permits.popLast() == nil { return }
        do throws(DiskError) {
          // New memory is dear: every page of it is cleared.
          var bytes = read.count < Self.ahead ? [] : read.removeFirst().takeBytes()
          try disk.segment(folder, name, into: &bytes)
          var segment = ScannedSegment(bytes)
          // Where its key cannot be had, whoever takes it says so.
          if let salt = segment.salt,
            let found = try? keys.find(segment.head, firstSequence: Format.firstSequence(name) ?? 0, salt: salt),
            let cipher = try? keys.cipher(found, salt: salt)
          {
            segment.readRecords(cipher, key)
          }
          read.append(segment)
          _ = ready.put(.success(segment))
          if !scrubs || name == segments.last { continue }
          let found = SegmentScrub(disk: disk, folder: folder, name: name, keys: keys).run(segment)
          damage.bySegment.withLock { $0[name] = found }
        } catch {
          _ = ready.put(.failure(error))
        }
      }
    }
    for _ in 0..<Self.ahead { _ = wanted.put(()) }
  }

  /// Calls with the next segment, whose memory is used again afterwards.
  func withNext(_ body: (ScannedSegment) throws -> Void) throws {
    defer { _ = wanted.put(()) }
    try body(next())
  }

  private func next() throws(DiskError) -> ScannedSegment {
    let next = waiting.withLock { waiting in
      if waiting.isEmpty { ready.take(into: &waiting, until: nil) }
      return waiting.removeFirst()
    }
    return try next.get()
  }

  /// Ends it; what was found in sealed segments, by their names.
  func end() -> [String: [Damage]] {
    _ = wanted.close()
    thread.join()
    return damage.bySegment.withLock { $0 }
  }
}
