import Posix

// What is about to be overwritten in a segment, erased records and a tail that is written once more, stands in a file of
// its own first, synced: of what is overwritten a crash may leave one sector as it was, the next one new and a third one
// neither, and there is no record then. Whoever reads the segment
// puts what the file says over it; the file goes once the segment is synced.
//
//   file   = magic u64 · version u32 · count u32 · the segment's first sequence u64 · its salt u64 · change* ·
//            checksum of all before u32
//   change = offset u64 · length u32 · length of what it begins with u32 · that; the rest of it is zeros

/// Changes to one segment, each idempotent.
struct Overwriting: Equatable {
  struct Change: Equatable {
    let offset: UInt64
    let length: Int
    /// What it begins with; zeros follow.
    var head: [UInt8] = []

    var bytes: [UInt8] { head + [UInt8](repeating: 0, count: length - head.count) }
  }

  static let magic: UInt64 = 0x4152_4547_4F4C_5743  // "CWLOGERA"
  static let version: UInt32 = 1
  static let ending = ".overwriting"

  let firstSequence: UInt64
  let salt: UInt64
  var changes: [Change] = []

  var name: String { Self.name(of: Format.segmentName(firstSequence)) }

  static func name(of segment: String) -> String { String(segment.dropLast(4)) + ending }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(Self.magic)
    bytes.put(Self.version)
    bytes.put(UInt32(changes.count))
    bytes.put(firstSequence)
    bytes.put(salt)
    for change in changes {
      bytes.put(change.offset)
      bytes.put(UInt32(change.length))
      bytes.put(UInt32(change.head.count))
      bytes += change.head
    }
    bytes.put(bytes.withUnsafeBytes { crc32c($0) })
    return bytes
  }

  init(firstSequence: UInt64, salt: UInt64) {
    self.firstSequence = firstSequence
    self.salt = salt
  }

  /// Nil where it is not whole: nothing was overwritten then.
  init?(_ all: UnsafeRawBufferPointer) {
    let end = all.count - 4
    guard end > 0, all.get(end, UInt32.self) == crc32c(all.part(0, end)) else { return nil }
    var reader = PayloadReader(all.part(0, end))
    guard reader.number(UInt64.self) == Self.magic, reader.number(UInt32.self) == Self.version,
      let count = reader.number(UInt32.self), let first = reader.number(UInt64.self),
      let salt = reader.number(UInt64.self)
    else { return nil }
    self.init(firstSequence: first, salt: salt)
    for _ in 0..<count {
      guard let offset = reader.number(UInt64.self), let length = reader.number(UInt32.self),
        let head = reader.octets(), head.count <= Int(length)
      else { return nil }
      changes.append(Change(offset: offset, length: Int(length), head: head))
    }
  }

  /// Puts it over what was read of the segment.
  func apply(to bytes: inout [UInt8]) {
    let found = bytes.withUnsafeBytes { SegmentHead($0)?.salt ?? SegmentScan.salt(in: $0) }
    // A head that is being written again may be gone for the moment, and with it all that says whose segment it is.
    guard found == nil || found == salt else { return }
    for change in changes where Int(clamping: change.offset) + change.length <= bytes.count {
      bytes.replaceSubrange(Int(change.offset)..<Int(change.offset) + change.length, with: change.bytes)
    }
  }

  // MARK: on disk

  /// Says what is to come, does it, and takes back what it said. Synced when it returns.
  func run(_ disk: any Disk, _ folder: String) throws(DiskError) {
    try disk.replace(folder, name, with: bytes)
    try finish(disk, folder)
  }

  /// Does what was said, once that is durable.
  fileprivate func finish(_ disk: any Disk, _ folder: String) throws(DiskError) {
    let file = try disk.open(folder + "/" + Format.segmentName(firstSequence), .write)
    defer { disk.close(file) }
    for change in changes { try disk.write(change.bytes, to: file, at: change.offset) }
    try disk.syncAll(file)
    try disk.unlink(folder + "/" + name)
  }

  /// What is being done to a segment, if anything is.
  static func read(_ disk: any Disk, _ folder: String, _ segment: String) throws(DiskError) -> Overwriting? {
    let bytes: [UInt8]
    do throws(DiskError) { bytes = try disk.bytes(of: folder + "/" + name(of: segment)) } catch {
      if error.isMissing { return nil }
      throw error
    }
    let found = bytes.withUnsafeBytes { Overwriting($0) }
    return found.flatMap { Format.segmentName($0.firstSequence) == segment ? $0 : nil }
  }
}

extension Disk {
  /// A segment's bytes as they are meant to be, while something of it is overwritten too.
  func segment(_ folder: String, _ name: String) throws(DiskError) -> [UInt8] {
    var bytes: [UInt8] = []
    try segment(folder, name, into: &bytes)
    return bytes
  }

  /// The same in place of other bytes, in their memory where it is large enough.
  func segment(_ folder: String, _ name: String, into bytes: inout [UInt8]) throws(DiskError) {
    let before = try Overwriting.read(self, folder, name)
    try read(folder + "/" + name, into: &bytes)
    // It may have begun meanwhile, or ended.
    let after = try Overwriting.read(self, folder, name)
    for overwriting in [before, after] { overwriting?.apply(to: &bytes) }
  }
}

extension Recovery {
  /// Finds what a crash cut short, before a segment is read.
  mutating func findOverwritings(_ segments: [String]) throws(DiskError) {
    for name in try disk.list(folder).sorted() where name.hasSuffix(Overwriting.ending) {
      let segment = String(name.dropLast(Overwriting.ending.count)) + ".log"
      overwritings[segment] = .some(
        segments.contains(segment) ? try Overwriting.read(disk, folder, segment) : nil)
    }
  }

  /// Does what was begun, before anything is written to the log.
  func finishOverwritings() throws(DiskError) {
    for (segment, overwriting) in overwritings.sorted(by: { $0.key < $1.key }) {
      if let overwriting, !strays.contains(segment) {
        try overwriting.finish(disk, folder)
      } else {
        try disk.unlink(folder + "/" + Overwriting.name(of: segment))
      }
    }
  }
}
