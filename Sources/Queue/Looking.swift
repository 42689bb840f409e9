import Posix

// Reading a queue's folder for who only wants to look: nothing is changed, and a process may have it open.

/// What is in a queue's folder.
public struct QueueStatistics: Sendable, Equatable {
  public var segments = 0
  /// Of the segments' files; the last one's is allocated ahead.
  public var bytes: UInt64 = 0
  public var counts = Counts()
  /// Identities that repeats are told by, of the last days.
  public var identities: UInt64 = 0
  /// How many of them are in files of their own, and how large those are.
  public var identityFiles = 0
  public var identityBytes: UInt64 = 0
  /// What damage was found on the way; sealed segments are not read as closely as `verify` reads them.
  public var damage: [Damage] = []
}

/// A queue's folder that was read and changed in nothing.
struct QueueLook {
  let recovery: Recovery
  let segments: [String]
  /// What a scrub finds in sealed segments, where it was asked for.
  let sealed: [String: [Damage]]
  private let disk: any Disk
  private let folder: String

  init(
    _ folder: String, _ disk: any Disk, _ encryption: QueueEncryption, scrubs: Bool = false
  ) throws(QueueError) {
    let upkeep: Upkeep
    do { upkeep = try Upkeep("queue-keep", isSimulated: true) } catch { throw .storage("\(error)") }
    var options = QueueOptions()
    options.encryption = encryption
    var recovery = Recovery(disk, folder, options, upkeep)
    (segments, sealed) = try recovery.readAll(scrubs: scrubs)
    self.recovery = recovery
    self.disk = disk
    self.folder = folder
  }

  var counts: Counts {
    var state = recovery.state
    var counts = Counts(state.tally, oldest: state.oldestPending())
    counts.paused = state.pausedCount()
    counts.miscounted = state.miscount()
    return counts
  }

  /// Bytes of the segments' files.
  func bytes() throws(QueueError) -> UInt64 {
    var bytes: UInt64 = 0
    for name in segments {
      do throws(DiskError) {
        let file = try disk.open(folder + "/" + name, .read)
        defer { disk.close(file) }
        bytes += try disk.size(file)
      } catch {
        throw .storage("\(error)")
      }
    }
    return bytes
  }
}

extension FileQueue {
  /// Sums of a queue's folder.
  ///
  /// Errors: `.storage`, where the folder or a file cannot be read, or is a later version's.
  public static func statistics(
    folder: String, disk: any Disk = RealDisk(), encryption: QueueEncryption = QueueEncryption()
  ) throws(QueueError) -> QueueStatistics {
    let look = try QueueLook(folder, disk, encryption)
    let memory = look.recovery.state.duplicates
    var found = QueueStatistics()
    found.segments = look.segments.count
    found.bytes = try look.bytes()
    found.counts = look.counts
    found.damage = look.recovery.report.damage
    let inMemory = memory.table.count + memory.frozen.reduce(0) { $0 + $1.table.count }
    found.identities = memory.runs.reduce(UInt64(inMemory)) { $0 + UInt64($1.run.head.count) }
    found.identityFiles = memory.runs.count
    found.identityBytes = memory.runs.reduce(0) { $0 + UInt64($1.run.head.fileSize) }
    return found
  }

  /// Gives every event of a queue's folder, oldest first, to `take`, and says which could not be read back.
  ///
  /// Errors: `.storage`, as above; and what `take` throws.
  public static func export(
    folder: String, disk: any Disk = RealDisk(), encryption: QueueEncryption = QueueEncryption(),
    _ take: (Entry) throws -> Void
  ) throws -> [UInt64] {
    let look = try QueueLook(folder, disk, encryption)
    var reader = RecordReader(disk, folder, look.recovery.names, look.recovery.keys)
    defer { reader.close() }
    var unreadable: [UInt64] = []
    var failure: (any Error)?
    look.recovery.state.rows.forEach(after: 0) { row in
      do {
        try take(try reader.entry(row))
      } catch is ReadError {
        unreadable.append(row.sequence)
      } catch {
        failure = error
      }
      return failure == nil
    }
    if let failure { throw failure }
    return unreadable
  }
}
