import Crypto
import Formats
import Inbound
import Posix

/// `tokens` in the data folder: which tokens came with which body, so that a restart does not make them good for another
/// one. A line each, `EXPIRES TOKEN BODY`, in seconds and hexadecimal digests; a line that a crash cut short is skipped.
///
/// It is written soon after, and not synced: a token lives for minutes, and whoever can make the machine lose power
/// within them has better ways.
struct TokenFile: Sendable {
  private let path: String
  private static let limit = 128 << 20

  init(folder: String) { path = folder + "/tokens" }

  func read() throws(Errno) -> [TokenUse] {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Self.limit)
    } catch {
      if error == .noSuchFile { return [] }
      throw error
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { Self.use(String(decoding: $0, as: UTF8.self)) }
  }

  func append(_ uses: [TokenUse]) throws(DiskError) { try Files.append(Self.lines(uses), to: path) }

  func replace(with uses: [TokenUse]) throws(DiskError) { try Files.replace(path, with: Self.lines(uses)) }

  private static func lines(_ uses: [TokenUse]) -> [UInt8] {
    var lines: [UInt8] = []
    for use in uses { lines += Array("\(use.expires) \(hex(use.token)) \(hex(use.body))\n".utf8) }
    return lines
  }

  private static func hex(_ mark: TokenUse.Mark) -> String {
    Hex.encode(
      [mark.high, mark.low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - $0 * 8)) } })
  }

  private static func use(_ line: String) -> TokenUse? {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, let expires = Digits.int(words[0]), let token = mark(words[1]), let body = mark(words[2])
    else { return nil }
    return TokenUse(token: token, body: body, expires: expires)
  }

  private static func mark(_ text: Substring) -> TokenUse.Mark? {
    guard let bytes = Hex.decode(text), bytes.count == 16 else { return nil }
    return TokenUse.Mark(
      high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
  }
}
