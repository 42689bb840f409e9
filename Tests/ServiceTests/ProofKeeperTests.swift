import Formats
import Foundation
import Inbound
import Testing

@testable import Service

@Suite struct KeyReportTests {
  private static let configuration = """
    endpoints:
      b:
        kind: json
        id: body.id
        verify: [ { hmac: { header: s, secrets: [ env:OLD, env:NEW ] } }, { addresses: { allow: [ 10.0.0.0/8 ] } } ]
      a: { kind: json, id: body.id, verify: [ { token: { secrets: [ env:T ] } } ] }
      open: { kind: json, id: body.id, verify: none }
    """

  @Test func `a configuration that nobody serves has its keys, with what the folder knows of them`() throws {
    let folder = try Folder(["causeway.yaml": Self.configuration])
    let settings = try #require(folder.load().loaded?.settings)
    let never = try KeyReport.of(settings, data: folder.path)
    #expect(
      never.map { "\($0.endpoint) \($0.entry) \($0.key)" } == ["a token env:T", "b hmac env:OLD", "b hmac env:NEW"])
    #expect(never.allSatisfy { $0.lastUsed == nil && $0.count == 0 })
    let at = Instant(secondsSince1970: 1_795_000_000)
    try KeyUseFile(folder: folder.path).write([
      KeyReport(endpoint: "b", entry: "hmac", key: "env:NEW", count: 5, lastUsed: at),
      KeyReport(endpoint: "gone", entry: "hmac", key: "env:X", count: 5, lastUsed: at),
    ])
    let known = try KeyReport.of(settings, data: folder.path)
    #expect(known.map(\.count) == [0, 0, 5])
    #expect(known.map(\.lastUsed) == [nil, nil, at])
  }

  @Test func `a file that is something else is told, and not taken for never`() throws {
    let folder = try Folder(["keys.json": "{"])
    #expect(throws: KeyUseFile.Unreadable.self) { try KeyUseFile(folder: folder.path).read() }
  }
}

@Suite struct TokenFileTests {
  private func use(_ number: UInt64) -> TokenUse {
    TokenUse(token: .init(high: number, low: .max), body: .init(high: 0, low: number), expires: 1_795_000_000)
  }

  @Test func `lines are added, read, and written anew`() throws {
    let folder = try Folder([:])
    let file = TokenFile(folder: folder.path)
    #expect(try file.read().isEmpty)
    try file.append([use(1), use(2)])
    try file.append([use(3)])
    #expect(try file.read() == [use(1), use(2), use(3)])
    try file.replace(with: [use(2)])
    #expect(try file.read() == [use(2)])
  }

  @Test func `what is cut short or is no line is skipped`() throws {
    let folder = try Folder([:])
    let file = TokenFile(folder: folder.path)
    try file.append([use(1), use(2)])
    let text = try String(contentsOfFile: folder.path + "/tokens", encoding: .utf8)
    for end in [1, 2, 33, 34] {
      try folder.write("tokens", String(text.dropLast(end)))
      #expect(try file.read() == (end == 1 ? [use(1), use(2)] : [use(1)]))
    }
    try folder.write("tokens", "x\n\n" + text + "1 2 3\n-1 \(String(repeating: "0", count: 32)) x\n")
    #expect(try file.read() == [use(1), use(2)])
  }
}
