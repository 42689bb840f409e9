import Posix

/// A file that was allocated ahead to become the next segment: so a new segment costs an append no allocation, and there
/// is room to drain a full queue into.
///
/// It is no part of the log until it has a segment's head, synced, and then a segment's name.
struct Spare {
  /// Made ahead, or at the moment it was needed: two names, because both may be going on at once.
  enum Name: String, CaseIterable { case ahead = "spare.segment", atOnce = "spare-now.segment" }

  let name: Name
  let file: DiskFile
  let size: UInt64

  /// Allocates it; leaves no file behind where the disk is full.
  static func make(_ disk: any Disk, _ folder: String, _ name: Name, size: UInt64) throws(DiskError) -> Spare {
    let path = folder + "/" + name.rawValue
    let file = try disk.open(path, .replace)
    do {
      try disk.allocate(file, size: size)
      try disk.syncAll(file)
      try disk.syncFolder(folder)
      return Spare(name: name, file: file, size: size)
    } catch {
      disk.close(file)
      if error.isFull { try disk.unlink(path) }
      throw error
    }
  }

  /// One that the process before left behind, as long as it has to be. Of two, one is removed.
  static func adopt(_ disk: any Disk, _ folder: String, size: UInt64) throws(DiskError) -> Spare? {
    let there = try disk.list(folder)
    var names = Name.allCases.filter { there.contains($0.rawValue) }
    guard let name = names.popLast() else { return nil }
    for other in names { try disk.unlink(folder + "/" + other.rawValue) }
    let file = try disk.open(folder + "/" + name.rawValue, .write)
    do {
      if try disk.size(file) < size { try disk.allocate(file, size: size) }
      return Spare(name: name, file: file, size: try disk.size(file))
    } catch {
      disk.close(file)
      if error.isFull {
        try disk.unlink(folder + "/" + name.rawValue)
        return nil
      }
      throw error
    }
  }

  /// Makes it a segment: its key, its head and then its name are durable when this returns. Gives what its records are
  /// encrypted with, where they are.
  func begin(
    _ disk: any Disk, _ folder: String, _ head: SegmentHead, _ keys: EncryptionKeys
  ) throws(DiskError) -> RecordCipher? {
    let cipher = try keys.create(firstSequence: head.firstSequence, salt: head.salt)
    var head = head
    if cipher != nil { head.flags |= Format.encryptedSegment }
    try disk.write(head.bytes, to: file, at: 0)
    try disk.syncAll(file)
    try disk.rename(folder + "/" + name.rawValue, to: folder + "/" + Format.segmentName(head.firstSequence))
    try disk.syncFolder(folder)
    return cipher
  }
}
