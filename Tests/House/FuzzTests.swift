import Testing

/// `Tests/Fuzz` is a package of its own that builds some of the rooms once more.
@Suite struct FuzzTests {
  /// `room("Net", ["Posix", "Crypto"])` as name and names.
  static func rooms(_ path: String) throws -> [String: Set<String>] {
    var rooms: [String: Set<String>] = [:]
    for line in try Tree.file(path).lines {
      let text = line.drop { $0 == " " }
      guard text.hasPrefix("room(\"") || text.hasPrefix("watched(\"") else { continue }
      let names = text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
      rooms[names[0]] = Set(names.dropFirst())
    }
    return rooms
  }

  @Test func `rooms that are fuzzed import what they import in the product`() throws {
    let product = try Self.rooms("Package.swift")
    let fuzzed = try Self.rooms("Tests/Fuzz/Package.swift")
    #expect(fuzzed.count >= 10)
    for (room, imports) in fuzzed {
      #expect(product[room] == imports, "Tests/Fuzz/Package.swift: \(room) has not the product's dependencies")
    }
  }

  @Test func `every fuzz target is run, and has its corpus and its dictionary`() throws {
    let package = try Tree.file("Tests/Fuzz/Package.swift").lines
    let targets = package.compactMap { line -> String? in
      let text = line.drop { $0 == " " }
      return text.hasPrefix("fuzz(\"") ? String(text.split(separator: "\"")[1]) : nil
    }
    let run = try Tree.file("Tests/Fuzz/run").lines.first { $0.hasPrefix("all=(") }
    #expect(run == "all=(\(targets.joined(separator: " ")))")
    for target in targets {
      _ = try Tree.file("Tests/Fuzz/Corpus/\(target).dict")
      let count = Tree.count(under: "Tests/Fuzz/Corpus/\(target)")
      #expect((5...200).contains(count), "Tests/Fuzz/Corpus/\(target) has \(count) files: tens of them")
    }
  }
}
