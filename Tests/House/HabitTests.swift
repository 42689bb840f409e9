import Testing

/// The habits of ARCHITECTURE.md that a machine can check.
@Suite struct HabitTests {
  static let fileLength = 400
  static let functionLength = 80

  @Test func `no source file is longer than fits one concept`() {
    for file in Tree.sources {
      #expect(file.lines.count <= Self.fileLength, "\(file.path) has \(file.lines.count) lines: split it by concept")
    }
  }

  @Test func `a function fits a screen`() {
    for file in Tree.sources {
      for function in Self.functions(of: file) where function.length > Self.functionLength {
        Issue.record("\(file.path):\(function.line): \(function.length) lines: make it several functions")
      }
    }
  }

  @Test func `promises about concurrency say what keeps them`() {
    for file in Tree.sources + Tree.tests where !file.path.hasPrefix("Tests/House") {
      for (number, line) in file.lines.enumerated()
      where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
        let above = file.lines[..<number].reversed().prefix { $0.drop(while: { $0 == " " }).hasPrefix("//") }
        let isSaid = above.contains { $0.drop(while: { $0 == " " }).hasPrefix("// Safe:") }
        let place = "\(file.path):\(number + 1)"
        #expect(isSaid, "\(place): say above it, beginning with `// Safe:`, which lock or thread guards it")
      }
    }
  }

  struct Ban: Sendable {
    let text: String
    let instead: String
    var rooms: @Sendable (String) -> Bool = { _ in true }
  }

  static let bans: [Ban] = [
    Ban(text: "try!", instead: "handle the error: a trap on data from outside is a remote stop"),
    Ban(text: "as!", instead: "as? and an error that says what was there"),
    Ban(text: "fatalError(", instead: "throw, or preconditionFailure on our own mistakes"),
    Ban(text: "JSONSerialization", instead: "Formats.JSON: exact numbers, no duplicate keys"),
    Ban(text: "JSONDecoder", instead: "Formats.JSON: exact numbers, no duplicate keys"),
    Ban(text: "XMLParser", instead: "Formats.XMLReader"),
    Ban(text: "TODO", instead: "do it, or write it into the issue"),
    Ban(text: "FIXME", instead: "mend it"),
    Ban(text: "print(", instead: "the logger; only the command line prints", rooms: { $0 != "causeway" }),
  ]

  @Test func `banned calls are not in the sources`() {
    for file in Tree.sources {
      for (number, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        for ban in Self.bans where ban.rooms(file.room) && Self.calls(line, ban.text) {
          Issue.record("\(file.path):\(number + 1): `\(ban.text)`: \(ban.instead)")
        }
      }
    }
  }

  @Test func `tests wait for probes, not for the clock`() {
    for file in Tree.tests where !file.path.hasPrefix("Tests/House") {
      for (number, line) in file.lines.enumerated() {
        for call in ["Task.sleep(", "Thread.sleep(", "usleep(", "nanosleep("] where line.contains(call) {
          Issue.record("\(file.path):\(number + 1): `\(call)`: wait for what is to happen, or turn a manual clock")
        }
      }
    }
  }

  /// The ban stands in the line, and not as the end of a longer word (`blueprint(`).
  static func calls(_ line: Substring, _ text: String) -> Bool {
    guard let at = line.range(of: text) else { return false }
    guard let first = text.first, first.isLetter, at.lowerBound > line.startIndex else { return true }
    let before = line[line.index(before: at.lowerBound)]
    return !(before.isLetter || before.isNumber || before == "_" || before == "." || before == "\"")
  }

  /// Where functions begin and how long they are, told by the indentation that `swift format` guarantees.
  static func functions(of file: Tree.File) -> [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    for (number, line) in file.lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let text = line.dropFirst(indent)
      guard text.contains("func ") || text.hasPrefix("init") || text.contains(" init("), !text.hasPrefix("//") else {
        continue
      }
      // All of it on this line.
      if text.hasSuffix("}") { continue }
      let closing = String(repeating: " ", count: indent) + "}"
      guard text.hasSuffix("{") || file.lines.indices.contains(number + 1) else { continue }
      guard let end = file.lines[(number + 1)...].firstIndex(where: { $0 == closing }) else { continue }
      let between = file.lines[(number + 1)..<end]
      if between.contains(where: { !$0.isEmpty && $0.prefix { $0 == " " }.count < indent }) { continue }
      let opens = between.contains { $0.hasSuffix("{") && $0.prefix { $0 == " " }.count == indent }
      if !text.hasSuffix("{"), !opens { continue }
      found.append((number + 1, end - number))
    }
    return found
  }
}
