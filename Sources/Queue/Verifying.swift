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
    let look = try QueueLook(folder, disk, encryption, scrubs: true)
    var found = QueueVerification()
    found.segments = look.segments.count
    found.bytes = try look.bytes()
    found.damage = look.recovery.report.damage
    found.counts = look.counts
    for name in look.segments.dropLast() where !found.damage.contains(where: { $0.segment == name }) {
      found.damage += look.sealed[name] ?? []
    }
    for known in look.recovery.state.duplicates.runs {
      do { try known.run.check() } catch { found.damage.append(Damage(.run, known.run.name, 0..<0)) }
    }
    return found
  }
}
