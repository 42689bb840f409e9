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
    let upkeep: Upkeep
    do { upkeep = try Upkeep("queue-keep", isSimulated: true) } catch { throw .storage("\(error)") }
    var options = QueueOptions()
    options.encryption = encryption
    var recovery = Recovery(disk, folder, options, upkeep)
    let segments = try recovery.readAll()
    var found = QueueVerification()
    found.segments = segments.count
    found.damage = recovery.report.damage
    found.counts = Counts(recovery.state.tally, oldest: recovery.state.oldestPending())
    for name in segments {
      do throws(DiskError) {
        let file = try disk.open(folder + "/" + name, .read)
        defer { disk.close(file) }
        found.bytes += try disk.size(file)
      } catch {
        throw .storage("\(error)")
      }
      if name == segments.last || found.damage.contains(where: { $0.segment == name }) { continue }
      found.damage += SegmentScrub(disk: disk, folder: folder, name: name, keys: recovery.keys).run()
    }
    for known in recovery.state.duplicates.runs {
      do { try known.run.check() } catch { found.damage.append(Damage(.run, known.run.name, 0..<0)) }
    }
    return found
  }
}
