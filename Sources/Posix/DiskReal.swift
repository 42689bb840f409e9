import CLinux
import Glibc

/// The machine's own file systems.
public struct RealDisk: Disk {
  public init() {}

  public func createFolder(_ path: String) throws(DiskError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      let above = made.isEmpty ? "." : made
      made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
      do {
        _ = try retrying { mkdir(made, 0o700) }
      } catch {
        if error == .exists { continue }
        throw DiskError("mkdir", made, error)
      }
      try syncFolder(above)
    }
  }

  public func open(_ path: String, _ mode: DiskMode) throws(DiskError) -> DiskFile {
    let flags =
      switch mode {
      case .read: O_RDONLY
      case .write: O_RDWR
      case .create: O_RDWR | O_CREAT | O_EXCL
      case .replace: O_RDWR | O_CREAT | O_TRUNC
      }
    return DiskFile(number: try openAboveStandard(path, flags, call: "open"))
  }

  public func close(_ file: DiskFile) { Glibc.close(file.number) }

  public func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: UInt64) throws(DiskError) {
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      do {
        done += try retrying { pwrite(file.number, start + done, bytes.count - done, off_t(offset) + off_t(done)) }
      } catch {
        throw DiskError("pwrite", "", error)
      }
    }
  }

  public func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(DiskError) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    var done = 0
    while done < bytes.count {
      do {
        let count = try retrying { pread(file.number, start + done, bytes.count - done, off_t(offset) + off_t(done)) }
        if count == 0 { break }
        done += count
      } catch {
        throw DiskError("pread", "", error)
      }
    }
    return done
  }

  public func size(_ file: DiskFile) throws(DiskError) -> UInt64 {
    var answer = stat()
    try check("fstat", "") { fstat(file.number, &answer) }
    return UInt64(answer.st_size)
  }

  // Neither sync is made again after EINTR or anything else: an error means that the bytes may be gone.

  public func sync(_ file: DiskFile) throws(DiskError) {
    if fdatasync(file.number) != 0 { throw DiskError("fdatasync", "", .last) }
  }

  public func syncAll(_ file: DiskFile) throws(DiskError) {
    if fsync(file.number) != 0 { throw DiskError("fsync", "", .last) }
  }

  public func allocate(_ file: DiskFile, size: UInt64) throws(DiskError) {
    // posix_fallocate writes a byte a block where the file system cannot reserve; it returns its error.
    let code = posix_fallocate(file.number, 0, off_t(size))
    if code != 0 { throw DiskError("fallocate", "", Errno(rawValue: code)) }
  }

  public func truncate(_ file: DiskFile, to size: UInt64) throws(DiskError) {
    try check("ftruncate", "") { ftruncate(file.number, off_t(size)) }
  }

  public func rename(_ from: String, to: String) throws(DiskError) {
    try check("rename", from) { Glibc.rename(from, to) }
  }

  public func link(_ from: String, to: String) throws(DiskError) {
    try check("link", from) { Glibc.link(from, to) }
  }

  public func unlink(_ path: String) throws(DiskError) {
    try check("unlink", path) { Glibc.unlink(path) }
  }

  public func list(_ folder: String) throws(DiskError) -> [String] {
    guard let stream = opendir(folder) else { throw DiskError("opendir", folder, .last) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw DiskError("readdir", folder, .last) }
    return names
  }

  public func syncFolder(_ path: String) throws(DiskError) {
    let folder = try openAboveStandard(path, O_RDONLY | O_DIRECTORY, call: "open")
    defer { Glibc.close(folder) }
    if fsync(folder) != 0 { throw DiskError("fsync", path, .last) }
  }

  public func freeSpace(_ path: String) throws(DiskError) -> UInt64 {
    var answer = statvfs()
    try check("statvfs", path) { statvfs(path, &answer) }
    return UInt64(answer.f_bavail) * UInt64(answer.f_frsize)
  }

  public func fileSystem(_ path: String) throws(DiskError) -> String? {
    let kind = cdisk_file_system(path)
    if kind == -1 { throw DiskError("statfs", path, .last) }
    return knownFileSystems[UInt32(truncatingIfNeeded: kind)]
  }

  public func lock(_ path: String) throws(DiskError) -> any DiskLock { try FileLock(path) }

  private func check(_ call: String, _ path: String, _ body: () -> Int32) throws(DiskError) {
    do { _ = try retrying(body) } catch { throw DiskError(call, path, error) }
  }
}

/// f_type (statfs(2)) of the local file systems on which a sync is a sync. Network and user-space file systems are not
/// here: what they promise depends on somebody else.
private let knownFileSystems: [UInt32: String] = [
  0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x2FC1_2FC1: "zfs", 0xF2F5_2010: "f2fs",
  0x0102_1994: "tmpfs", 0x794C_7630: "overlay", 0xCA45_1A4E: "bcachefs",
]

/// open(2) with O_CLOEXEC, never 0, 1 or 2.
func openAboveStandard(_ path: String, _ flags: Int32, call: String) throws(DiskError) -> Int32 {
  do {
    let opened = try retrying { Glibc.open(path, flags | O_CLOEXEC, 0o600) }
    if opened > 2 { return opened }
    defer { Glibc.close(opened) }
    return try retrying { fcntl(opened, F_DUPFD_CLOEXEC, 3) }
  } catch {
    throw DiskError(call, path, error)
  }
}
