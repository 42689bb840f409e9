import Posix

/// A segment as it was read: its bytes, and what a scan found in them.
struct ScannedSegment: Sendable {
  let bytes: [UInt8]
  let head: SegmentHead?
  /// Of the head or, where that is damaged, of the first batch; nil where there is none either.
  let salt: UInt64?
  let found: [SegmentScan.Found]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    (head, salt, found) = bytes.withUnsafeBytes { all in
      let head = SegmentHead(all)
      let salt = head?.salt ?? SegmentScan.salt(in: all)
      var found: [SegmentScan.Found] = []
      if let salt {
        var scan = SegmentScan(all, salt: salt)
        while let next = scan.next() { found.append(next) }
      }
      return (head, salt, found)
    }
  }
}

/// Reads segments on a thread of its own, in order and not far ahead of who takes them; where it is asked to, it checks
/// those that are sealed as `SegmentScrub` does.
final class SegmentsAhead: Sendable {
  private let ready = Inbox<Result<ScannedSegment, DiskError>>()
  /// One for each segment that may be read now.
  private let wanted = Inbox<Void>()
  /// Read, and not taken yet.
  private let waiting = Lock<[Result<ScannedSegment, DiskError>]>([])
  private let damage: Found
  private let thread: BlockingThread
  private static let ahead = 2

  private final class Found: Sendable {
    let bySegment = Lock<[String: [Damage]]>([:])
  }

  init(
    _ disk: any Disk, _ folder: String, _ segments: [String], _ keys: EncryptionKeys, scrubs: Bool
  ) throws(Errno) {
    let damage = Found()
    self.damage = damage
    thread = try BlockingThread(name: "queue-ahead") { [ready, wanted] in
      var permits: [Void] = []
      for name in segments {
        if permits.isEmpty { wanted.take(into: &permits, until: nil) }
        if permits.popLast() == nil { return }
        do throws(DiskError) {
          let segment = ScannedSegment(try disk.segment(folder, name))
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

  /// The next segment.
  func next() throws(DiskError) -> ScannedSegment {
    let next = waiting.withLock { waiting in
      if waiting.isEmpty { ready.take(into: &waiting, until: nil) }
      return waiting.removeFirst()
    }
    _ = wanted.put(())
    return try next.get()
  }

  /// Ends it; what was found in sealed segments, by their names.
  func end() -> [String: [Damage]] {
    _ = wanted.close()
    thread.join()
    return damage.bySegment.withLock { $0 }
  }
}
