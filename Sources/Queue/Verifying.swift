import Posix

/// What a look at all of a queue's folder found.
public struct QueueVerification: Sendable, Equatable {
  public var segments = 0
  public var bytes: UInt64 = 0
  /// Events that can be read, and what they are.
  public var counts = Counts()
  /// All that is not as it was written. A torn tail alone is what a power cut leaves behind.
  public var damage: [Damage] = []

  public var isCorrupt: Bool { damage.contains { $0.kind != .tornTail && $0.kind != .run } }
}

extension FileQueue {
  /// Reads every byte of a queue's folder and changes nothing; whether a process has it open does not matter.
  ///
  /// Errors: `.storage`, where the folder or a file cannot be read, or is a later version's.
  public static func verify(
    folder: String, disk: any Disk = RealDisk(), encryption: QueueEncryption = QueueEncryption()
  ) throws(QueueError) -> QueueVerification {
    let checks = try SealedChecks(folder, disk, encryption)
    let look: QueueLook
    do throws(QueueError) { look = try QueueLook(folder, disk, encryption) } catch {
      _ = checks.end()
      throw error
    }
    let checked = checks.end()
    var found = QueueVerification()
    found.segments = look.segments.count
    found.bytes = try look.bytes()
    found.damage = look.recovery.report.damage
    found.counts = look.counts
    for name in look.segments.dropLast() where !found.damage.contains(where: { $0.segment == name }) {
      found.damage += checked[name] ?? []
    }
    for known in look.recovery.state.duplicates.runs {
      do { try known.run.check() } catch { found.damage.append(Damage(.run, known.run.name, 0..<0)) }
    }
    return found
  }
}

/// Checks the sealed segments one by one, on a thread of its own, while they are read into a state.
private final class SealedChecks: Sendable {
  private let found: Found
  private let thread: BlockingThread

  private final class Found: Sendable {
    let damage = Lock<[String: [Damage]]>([:])
  }

  init(_ folder: String, _ disk: any Disk, _ encryption: QueueEncryption) throws(QueueError) {
    let found = Found()
    self.found = found
    do {
      let keys = EncryptionKeys(disk, folder, encryption)
      let segments = try disk.list(folder).filter { Format.firstSequence($0) != nil }.sorted()
      thread = try BlockingThread(name: "queue-check") {
        for name in segments.dropLast() {
          let damage = SegmentScrub(disk: disk, folder: folder, name: name, keys: keys).run()
          found.damage.withLock { $0[name] = damage }
        }
      }
    } catch {
      throw .storage("\(error)")
    }
  }

  /// Waits for the last; the damage by segment.
  func end() -> [String: [Damage]] {
    thread.join()
    return found.damage.withLock { $0 }
  }
}
