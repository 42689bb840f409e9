import Testing

/// Who may import whom: ARCHITECTURE.md's table, as code. Imports never point up.
@Suite struct ImportTests {
  /// What each room may import of ours, in addition to what its imports may.
  static let direct: [String: [String]] = [
    "Posix": ["CLinux"],
    "Crypto": ["COpenSSL", "Posix"],
    "Formats": [],
    "JWT": ["Crypto", "Formats"],
    "HTTP": [],
    "Net": ["Posix", "Crypto"],
    "Web": ["Net", "HTTP", "Formats", "CZlib"],
    "Client": ["Posix", "Crypto", "HTTP", "CCurl"],
    "Events": ["Formats"],
    "Queue": ["Posix", "Crypto", "Events", "CZlib"],
    "Expressions": ["Formats"],
    "Inbound": ["Web", "JWT", "Expressions", "Events"],
    "Flows": ["Expressions", "Events"],
    "Connectors": ["Client", "JWT", "Events"],
    "Ledger": ["Events"],
    "Service": ["Inbound", "Flows", "Connectors", "Queue", "Ledger"],
    "Console": ["Service", "Web"],
    "Simulators": ["Web", "Client", "JWT", "Events"],
    "causeway": ["Console", "Service", "Simulators"],
  ]

  /// Which libraries from outside a room may import.
  static let outside: [String: [String]] = [
    "Flows": ["Yams"], "Ledger": ["GRDB"], "Service": ["Logging"], "causeway": ["ArgumentParser", "Logging"],
  ]

  /// Rooms that are pure, or on the way from socket to acknowledgement: no Foundation.
  static let withoutFoundation: Set<String> = [
    "Posix", "Crypto", "Formats", "JWT", "HTTP", "Net", "Web", "Events", "Queue", "Expressions", "Inbound", "Flows",
  ]

  static let machine: Set<String> = ["Glibc", "Synchronization", "Dispatch"]
  /// Pure rooms touch nothing of the machine.
  static let pure: Set<String> = ["Formats", "HTTP", "Events", "Expressions"]

  static func reachable(from room: String) -> Set<String> {
    var found: Set<String> = []
    var open = direct[room] ?? []
    while let next = open.popLast() {
      if found.insert(next).inserted { open += direct[next] ?? [] }
    }
    return found
  }

  @Test func `a room imports only what it may`() {
    for file in Tree.sources {
      let room = file.room
      let allowed = Self.reachable(from: room).union(Self.outside[room] ?? [])
      for (number, line) in file.lines.enumerated() {
        guard let module = Self.module(line) else { continue }
        let place: Comment = "\(file.path):\(number + 1) imports \(module)"
        if module.hasPrefix("Foundation") {
          #expect(!Self.withoutFoundation.contains(room), place)
        } else if Self.machine.contains(module) {
          #expect(!Self.pure.contains(room), place)
        } else {
          #expect(allowed.contains(module), place)
        }
      }
    }
  }

  @Test func `every room under Sources has its line in the table`() {
    let rooms = Set(Tree.sources.map(\.room))
    for room in rooms { #expect(Self.direct[room] != nil, "Sources/\(room) is not in the table") }
    #expect(rooms.count >= 19)
  }

  @Test func `the table of the architecture page is this table`() throws {
    let page = try Tree.file("ARCHITECTURE.md")
    var rows: [String: Set<String>] = [:]
    for line in page.lines where line.hasPrefix("| `") {
      let cells = line.split(separator: " | ", omittingEmptySubsequences: false)
      let names = cells.map(Self.quoted)
      guard cells.count == 3, names[0].count == 1, Self.direct[names[0][0]] != nil else { continue }
      rows[names[0][0]] = Set(names[2])
    }
    for (room, imports) in Self.direct {
      #expect(rows[room] == Set(imports + (Self.outside[room] ?? [])), "ARCHITECTURE.md, `\(room)`")
    }
  }

  /// What stands between backquotes.
  static func quoted(_ text: Substring) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  static func module(_ line: Substring) -> String? {
    let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
    guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1 else { return nil }
    let access: Set<Substring> = ["public", "internal", "package", "private", "fileprivate"]
    if at == 1, !access.contains(words[0]) { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let name = kinds.contains(words[at + 1]) && words.count > at + 2 ? words[at + 2] : words[at + 1]
    return String(name.split(separator: ".")[0])
  }
}
