import Glibc

/// Data that tests read by path, where an environment variable names its folder.
public enum SharedData {
  public static let fixtures = folder("CAUSEWAY_FIXTURES")
  public static let conformance = folder("CAUSEWAY_CONFORMANCE")

  private static func folder(_ variable: String) -> String? { getenv(variable).map { String(cString: $0) } }

  public struct Unreadable: Error { public let path: String }

  public static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw Unreadable(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}
