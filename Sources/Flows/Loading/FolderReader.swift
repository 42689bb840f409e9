import Glibc

/// Reads the files of a configuration folder.
enum FolderReader {
  /// Larger than any file of a configuration should be, in bytes.
  static let maximumFile = 1 << 20

  /// The `.yaml` files of a subfolder in the order of their names, parsed; none where there is no such folder. Files
  /// that cannot be read are reported.
  static func files(in subfolder: String, of folder: String, _ problems: Problems) -> [ConfigNode] {
    names(in: folder + "/" + subfolder).compactMap { name in
      let file = subfolder + "/" + name
      do throws(Problem) {
        return try ConfigNode.parse(try text(of: folder + "/" + file, named: file), file: file)
      } catch {
        problems.report(error)
        return nil
      }
    }
  }

  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".yaml"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  static func text(of path: String, named file: String) throws(Problem) -> String {
    guard let stream = fopen(path, "re") else {
      throw Problem(file: file, line: 0, message: "cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= maximumFile else {
        throw Problem(file: file, line: 0, message: "is larger than \(maximumFile) bytes")
      }
    }
    guard ferror(stream) == 0 else { throw Problem(file: file, line: 0, message: "cannot be read") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(file: file, line: 0, message: "is not UTF-8")
    }
    return text
  }
}
