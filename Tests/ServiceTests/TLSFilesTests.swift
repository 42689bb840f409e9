import Crypto
import Flows
import Formats
import Foundation
import Logging
import Posix
import Support
import Testing

@testable import Service

/// `tls:` of the configuration, and what becomes of it when the files change.
@Suite struct TLSFilesTests {
  /// A configuration folder of a test's own.
  final class Folder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "causeway-tls-\(UUID().uuidString)")
    private let lines = Lock<[String]>([])

    /// What was logged: level, message and error.
    var log: [String] { lines.withLock { $0 } }

    var path: String { url.path(percentEncoded: false) }

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Replaces a file as careful programs do it: the new one is written beside, and renamed.
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try Data(bytes).write(to: url.appending(path: name), options: .atomic)
    }

    func write(_ certificate: TestCertificate) throws {
      try write("server.pem", certificate.pem)
      try write("server.key", certificate.keyPEM)
    }

    func load(_ text: String) throws -> (TLSFiles?, [String]) {
      try write("causeway.yaml", Array(text.utf8))
      let (loaded, problems) = Configuration.load(folder: path)
      return (loaded?.settings.tls, problems.map(\.description))
    }

    private func take(_ line: [UInt8]) {
      let line = try? JSON.parse(line)
      let parts = ["level", "message", "error"].compactMap { line?[$0]?.string }
      lines.withLock { $0.append(parts.joined(separator: ": ")) }
    }

    func keeper(
      _ text: String = "tls: { certificate: file:server.pem, key: file:server.key }\n", days: Int64 = 0
    ) throws -> TLSKeeper {
      let files = try #require(try load(text).0)
      let logger = Logger(label: "test") { _ in JSONLog { self.take($0) } }
      return try TLSKeeper(
        files, folder: path, environment: [:], log: logger, now: { Moment.now + days * 86_400 })
    }
  }

  @Test func `wrong keys are found by file and line`() throws {
    let folder = try Folder()
    let wrong: [(String, String)] = [
      ("tls: { certificate: file:a.pem }\n", "causeway.yaml:1: `key` is missing"),
      ("tls: { key: file:a.key }\n", "causeway.yaml:1: `certificate` is missing"),
      (
        "tls:\n  certificate: file:a\n  key: file:b\n  client-cas: file:c\n",
        "causeway.yaml:4: unknown key `client-cas`; did you mean `client-ca`?"
      ),
      (
        "tls:\n  certificate: file:a\n  key: file:b\n  client-crl: file:c\n",
        "causeway.yaml:4: `client-crl` says which client certificates were revoked"
      ),
      (
        "tls:\n  certificate: file:a\n  key: file:b\n  names:\n    - { certificate: file:c, kee: file:d }\n",
        "causeway.yaml:5: unknown key `kee`; did you mean `key`?"
      ),
      ("tls:\n  certificate: file:a\n  key: secret\n", "causeway.yaml:3: expected where the secret is"),
      ("tls: yes\n", "causeway.yaml:1: expected a map"),
    ]
    for (text, problem) in wrong {
      let (files, problems) = try folder.load(text)
      #expect(files == nil)
      #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
    }
  }

  @Test func `what cannot be opened says which file, by the line of its section`() throws {
    let folder = try Folder()
    func failure(_ text: String) -> String {
      do throws(any Error) {
        _ = try folder.keeper(text)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let text = "data: ./data\ntls:\n  certificate: file:server.pem\n  key: file:server.key\n"
    #expect(failure(text).hasPrefix("causeway.yaml:3: tls: the file \(folder.path)/server.pem cannot be read"))
    try folder.write(try TestCertificate("one"))
    #expect(failure(text) == "")
    try folder.write("server.key", try TestCertificate("other").keyPEM)
    #expect(failure(text).hasPrefix("causeway.yaml:3: tls: file:server.key: is not the key of file:server.pem"))
  }

  @Test func `a new pair is taken once both files have come to rest`() throws {
    let folder = try Folder()
    try folder.write(try TestCertificate("old"))
    let keeper = try folder.keeper()
    let old = keeper.server.current
    keeper.look()
    let new = try TestCertificate("new")
    try folder.write("server.pem", new.pem)
    keeper.look()
    try folder.write("server.key", new.keyPEM)
    keeper.look()
    #expect(keeper.server.current === old)
    keeper.look()
    #expect(keeper.server.current !== old)
    #expect(folder.log == ["notice: certificates were read again; new connections take them"])
    let taken = keeper.server.current
    keeper.look()
    #expect(keeper.server.current === taken)
  }

  @Test func `a bad pair changes nothing, is told once, and a good one after it is taken`() throws {
    let folder = try Folder()
    try folder.write(try TestCertificate("old"))
    let keeper = try folder.keeper()
    let old = keeper.server.current
    try folder.write("server.pem", try TestCertificate("new").pem)
    for _ in 0..<5 { keeper.look() }
    #expect(keeper.server.current === old)
    #expect(folder.log.count == 1)
    #expect(
      folder.log.first?.hasPrefix(
        "error: the certificates on disk cannot be used; the old ones stay: tls: file:server.key: is not the key")
        == true)
    try FileManager.default.removeItem(at: folder.url.appending(path: "server.key"))
    for _ in 0..<3 { keeper.look() }
    #expect(folder.log.count == 2)
    try folder.write(try TestCertificate("newer"))
    for _ in 0..<2 { keeper.look() }
    #expect(keeper.server.current !== old)
  }

  @Test func `whoever asks for it has the files read at once, changed or not`() throws {
    let folder = try Folder()
    try folder.write(try TestCertificate("old"))
    let keeper = try folder.keeper()
    let old = keeper.server.current
    keeper.look(force: true)
    #expect(keeper.server.current !== old)
  }

  @Test func `a new list of revocations is taken, and the end of one is an alarm`() throws {
    let folder = try Folder()
    let authority = try TestCertificate("authority", isAuthority: true, to: 400 * 86_400)
    try folder.write(try TestCertificate("server", to: 300 * 86_400))
    try folder.write("ca.pem", authority.pem)
    try folder.write("ca.crl", try authority.revocations())
    let text =
      "tls: { certificate: file:server.pem, key: file:server.key, client-ca: file:ca.pem, client-crl: file:ca.crl }\n"
    let keeper = try folder.keeper(text, days: 2)
    #expect(folder.log.count == 1)
    #expect(folder.log.first?.hasPrefix("error: file:ca.crl: the list of CN=authority was in force until") == true)
    keeper.look()
    #expect(folder.log.count == 1)
    try folder.write("ca.crl", try authority.revocations(to: 30 * 86_400))
    for _ in 0..<2 { keeper.look() }
    #expect(folder.log.last?.hasPrefix("notice: certificates were read again") == true)
    #expect(keeper.server.current.concerns(at: Moment.now) == [])
  }

  @Test func `a link that is turned to other files is a change`() throws {
    let folder = try Folder()
    let (one, other) = (try TestCertificate("one"), try TestCertificate("other"))
    for (name, certificate) in [("1", one), ("2", other)] {
      try FileManager.default.createDirectory(at: folder.url.appending(path: name), withIntermediateDirectories: true)
      try folder.write("\(name)/server.pem", certificate.pem)
      try folder.write("\(name)/server.key", certificate.keyPEM)
    }
    let link = folder.url.appending(path: "now")
    try FileManager.default.createSymbolicLink(atPath: link.path(), withDestinationPath: "1")
    let keeper = try folder.keeper("tls: { certificate: file:now/server.pem, key: file:now/server.key }\n")
    let old = keeper.server.current
    try FileManager.default.removeItem(at: link)
    try FileManager.default.createSymbolicLink(atPath: link.path(), withDestinationPath: "2")
    for _ in 0..<2 { keeper.look() }
    #expect(keeper.server.current !== old)
  }
}
