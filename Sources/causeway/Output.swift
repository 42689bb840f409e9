import Glibc

/// Standard output and standard error, unbuffered and whole: another process reads them line by line.
enum Output {
  static func line(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }

  static func error(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

  static func bytes(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  /// Gives up where nobody reads any more.
  static func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// For a terminal: what a sender chose as an id must not move the cursor.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      plain.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return plain
  }
}
