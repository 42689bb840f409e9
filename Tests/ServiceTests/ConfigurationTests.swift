import Flows
import Foundation
import Testing

@testable import Service

@Suite struct ConfigurationTests {
  /// The problems of a `causeway.yaml` with this text.
  func problems(_ text: String) throws -> [String] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "causeway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.write(to: folder.appending(path: "causeway.yaml"), atomically: true, encoding: .utf8)
    return Configuration.load(folder: folder.path(percentEncoded: false)).1.map(\.description)
  }

  @Test func `with no entities and no flows a configuration is whole`() throws {
    #expect(
      try problems(
        """
        endpoints:
          anything:
            kind: json
            id: body.id
            verify: none
        """) == [])
  }

  @Test func `an endpoint that says nothing of verification is refused`() throws {
    let found = try problems("endpoints:\n  x: { kind: json }\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("causeway.yaml:2: endpoint `x`: verify") == true, "\(found)")
  }

  @Test func `unknown keys are refused with a suggestion`() throws {
    let found = try problems("endpoint: {}\n")
    #expect(found.first?.hasPrefix("causeway.yaml:1: unknown key `endpoint`; did you mean `endpoints`?") == true)
  }

  @Test func `what comes later is refused by name, not ignored`() throws {
    #expect(try problems("alerts: { days: 7 }\n") == ["causeway.yaml:1: `alerts` is not supported yet"])
  }

  @Test func `a secret in the file is refused, and not repeated`() throws {
    let found = try problems(
      """
      endpoints:
        x:
          kind: json
          id: body.id
          verify: [ { token: { secrets: [ "hunter2-hunter2" ] } } ]
      """)
    #expect(found.contains { $0.hasPrefix("causeway.yaml:5:") && $0.contains("env:NAME") })
    #expect(!found.joined().contains("hunter2"))
  }

  @Test func `the console binds to loopback only`() throws {
    let found = try problems("listen: { console: 0.0.0.0:8081 }\n")
    #expect(found.first?.contains("loopback") == true)
  }

  @Test func `a folder without a configuration says so`() {
    let (loaded, problems) = Configuration.load(folder: "/nonexistent")
    #expect(loaded == nil)
    #expect(problems.first?.description.hasPrefix("causeway.yaml: cannot be read") == true)
  }
}

@Suite struct SecretTests {
  @Test func `a secret is read from a variable, a file, or a file that a variable names`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "causeway-\(UUID().uuidString)")
    try "from a file\n".write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let path = file.path(percentEncoded: false)
    let environment = ["A": "from a variable", "B": path]
    func read(_ text: String) throws -> String {
      String(decoding: try #require(Secret(text)).read(folder: "/", environment: environment), as: UTF8.self)
    }
    #expect(try read("env:A") == "from a variable")
    #expect(try read("file:\(path)") == "from a file")
    #expect(try read("file:env:B") == "from a file")
    #expect(throws: Secret.Missing.self) { try read("env:C") }
  }

  @Test(arguments: ["", "secret", "env:", "vault:x"])
  func `anything else is no place of a secret`(text: String) {
    #expect(Secret(text) == nil)
  }
}
