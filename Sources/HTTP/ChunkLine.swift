/// `chunk-size [ chunk-ext ]` (RFC 9112 7.1.1), without its CR LF. Blanks are allowed nowhere but in a quoted value.
struct ChunkLine {
  private static let maxDigits = 16

  let size: UInt64
  /// Octets from the first `;` on.
  let extensionLength: Int

  init(_ line: [UInt8]) throws(HTTPError) {
    var size: UInt64 = 0
    var index = 0
    while index < line.count, let digit = Octets.hexValue(line[index]) {
      // Sixteen digits fill 64 bits exactly, so this cannot overflow.
      guard index < Self.maxDigits else { throw .malformed("A chunk size has too many digits.") }
      size = size << 4 | UInt64(digit)
      index += 1
    }
    guard index > 0 else { throw .malformed("A chunk has no size.") }
    self.size = size
    extensionLength = line.count - index
    try Self.checkExtensions(line, from: index)
  }

  /// Refuses, while the line still comes, what could not be finished well.
  static func checkUnfinished(_ line: [UInt8], _ limits: HTTPLimits) throws(HTTPError) {
    // A full parse waits for the end of the line; here only what may not be waited for.
    guard let semicolon = line.firstIndex(of: UInt8(ascii: ";")) else {
      guard line.count <= maxDigits, let last = line.last, Octets.hexValue(last) != nil else {
        throw .malformed("A chunk size is malformed.")
      }
      return
    }
    guard line.count - semicolon <= limits.chunkExtension else { throw .malformed("A chunk extension is too long.") }
  }

  /// `*( ";" token [ "=" ( token / quoted-string ) ] )`
  private static func checkExtensions(_ line: [UInt8], from start: Int) throws(HTTPError) {
    var index = start
    func skipToken() -> Bool {
      let from = index
      while index < line.count, Octets.isToken(line[index]) { index += 1 }
      return index > from
    }
    func skipQuoted() -> Bool {
      index += 1
      while index < line.count, line[index] != UInt8(ascii: "\"") {
        index += line[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index += 1
      return index <= line.count
    }
    while index < line.count {
      guard line[index] == UInt8(ascii: ";") else { throw .malformed("A chunk extension is malformed.") }
      index += 1
      guard skipToken() else { throw .malformed("A chunk extension has no name.") }
      guard index < line.count, line[index] == UInt8(ascii: "=") else { continue }
      index += 1
      let isQuoted = index < line.count && line[index] == UInt8(ascii: "\"")
      guard isQuoted ? skipQuoted() : skipToken() else { throw .malformed("A chunk extension has no value.") }
    }
  }
}
