import Testing

@testable import Flows

@Suite struct ConfigNodeTests {
  @Test func `scalars stay as they stand in the file`() throws {
    let node = try ConfigNode.parse("country: NO\nrate: 1.10\nflag: yes\nnone: ~\n", file: "a.yaml")
    #expect(node["country"]?.scalar == "NO")
    #expect(node["rate"]?.scalar == "1.10")
    #expect(node["flag"]?.scalar == "yes")
    #expect(node["none"]?.scalar == "~")
  }

  @Test func `every node knows its line`() throws {
    let node = try ConfigNode.parse("a: 1\nb:\n  - x\n  - { c: d }\n", file: "a.yaml")
    #expect(node["b"]?.place.line == 3)
    #expect(node["b"]?.list(Problems())?[1]["c"]?.line == 4)
  }

  @Test func `a duplicate key is refused with its line`() {
    #expect(throws: Problem(file: "a.yaml", line: 1, message: "`a` stands twice in one map")) {
      try ConfigNode.parse("a: 1\nb: 2\na: 3\n", file: "a.yaml")
    }
    #expect(throws: Problem(file: "a.yaml", line: 2, message: "`1` stands twice in one map")) {
      try ConfigNode.parse("1: x\n'1': y\n", file: "a.yaml")
    }
  }

  @Test func `broken YAML is refused with its line`() {
    #expect { try ConfigNode.parse("a: 1\nb: [ 2\nc: 3\n", file: "a.yaml") } throws: { error in
      (error as? Problem)?.file == "a.yaml" && ((error as? Problem)?.line ?? 0) >= 2
    }
  }

  @Test func `an unknown key is refused with a suggestion, a later one by name`() throws {
    let node = try ConfigNode.parse("entiti: a\nphases: b\nother: c\n", file: "e.yaml")
    let problems = Problems()
    _ = node.map(known: ["entity", "fields"], later: ["phases"], problems)
    #expect(
      problems.list.map(\.description) == [
        "e.yaml:1: unknown key `entiti`; did you mean `entity`?",
        "e.yaml:2: `phases` is not supported yet",
        "e.yaml:3: unknown key `other`",
      ])
  }

  @Test func `durations, sizes and numbers are read strictly`() throws {
    let node = try ConfigNode.parse("a: 20s\nb: +5\nc: 1.5m\nd: 2 MiB\ne: 250ms\nf: TRUE\n", file: "e.yaml")
    let problems = Problems()
    #expect(node["a"]?.milliseconds(problems) == 20_000)
    #expect(node["e"]?.milliseconds(problems) == 250)
    #expect(node["d"]?.bytes(problems) == 2_097_152)
    #expect(problems.isEmpty)
    #expect(node["b"]?.int(problems) == nil)
    #expect(node["c"]?.milliseconds(problems) == nil)
    #expect(node["f"]?.bool(problems) == nil)
    #expect(problems.count == 3)
  }

  @Test func `an overlay replaces leaves and keeps the rest`() throws {
    let base = try ConfigNode.parse("c: { x: 1, y: 2 }\nd: 3\n", file: "causeway.yaml")
    let over = try ConfigNode.parse("c: { y: 5 }\n", file: "environments/sandbox.yaml")
    let merged = base.overlaid(with: over)
    #expect(merged["c"]?["x"]?.scalar == "1")
    #expect(merged["c"]?["y"]?.scalar == "5")
    #expect(merged["c"]?["y"]?.file == "environments/sandbox.yaml")
    #expect(merged["d"]?.scalar == "3")
  }
}
