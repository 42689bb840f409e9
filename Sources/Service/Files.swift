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

  public static func makeFolder(_ path: String) throws(Errno) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part)
      if made.isEmpty || made == "/" || part.isEmpty { continue }
      if mkdir(made, 0o700) != 0, errno != EEXIST { throw Errno.last }
    }
  }
}
