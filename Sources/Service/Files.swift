import Glibc
import Posix

/// Small files, whole.
public enum Files {
  public static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
    let descriptor = FileDescriptor(owning: try retrying { open(path, O_RDONLY | O_CLOEXEC) })
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let result = chunk.withUnsafeMutableBytes { buffer -> Result<Int, Errno> in
        do throws(Errno) { return .success(try descriptor.read(into: buffer)) } catch { return .failure(error) }
      }
      let count = try result.get()
      if count == 0 { return content }
      content += chunk[..<count]
      if content.count > limit { throw Errno(rawValue: EFBIG) }
    }
  }

  /// Writes a file anew: beside the old one, synced, then in its place. What is there is whole, old or new.
  static func replace(_ path: String, with bytes: [UInt8]) throws(DiskError) {
    let disk = RealDisk()
    let file = try disk.open(path + ".new", .replace)
    defer { disk.close(file) }
    try write(bytes, to: file, at: 0)
    try disk.syncAll(file)
    try disk.rename(path + ".new", to: path)
  }

  /// Adds to a file's end, and makes it where there is none; not synced.
  static func append(_ bytes: [UInt8], to path: String) throws(DiskError) {
    let disk = RealDisk()
    let file: DiskFile
    do {
      file = try disk.open(path, .write)
    } catch {
      guard error.isMissing else { throw error }
      file = try disk.open(path, .create)
    }
    defer { disk.close(file) }
    try write(bytes, to: file, at: try disk.size(file))
  }

  private static func write(_ bytes: [UInt8], to file: DiskFile, at offset: UInt64) throws(DiskError) {
    try bytes.span.bytes.withUnsafeBytes { (raw) throws(DiskError) in try RealDisk().write(raw, to: file, at: offset) }
  }

  public static func makeFolder(_ path: String) throws(Errno) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part)
      if made.isEmpty || made == "/" || part.isEmpty { continue }
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw Errno.last }
    }
  }
}
