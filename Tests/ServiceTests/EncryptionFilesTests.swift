import Crypto
import Flows
import Queue
import Testing

@testable import Service

/// `encryption:` of the configuration.
@Suite struct EncryptionFilesTests {
  static let bytes = (0..<32).map { UInt8($0 * 7) }

  private func load(_ text: String) throws -> (EncryptionFiles?, [String]) {
    let folder = try Folder(["causeway.yaml": text])
    let (loaded, problems) = folder.load()
    return (loaded?.settings.encryption, problems)
  }

  @Test func `what is wrong is found by file and line`() throws {
    let wrong = [
      ("encryption: {}\n", "causeway.yaml:1: `key` is missing"),
      ("encryption:\n  key: secret\n", "causeway.yaml:2: expected where the secret is: `env:NAME`"),
      ("encryption:\n  key: env:A\n  keys: [file:a, b]\n", "causeway.yaml:3: expected where the secret is"),
      ("encryption:\n  key: env:A\n  older: []\n", "causeway.yaml:3: unknown key `older`"),
    ]
    for (text, problem) in wrong {
      let (_, problems) = try load(text)
      #expect(problems.contains { $0.hasPrefix(problem) }, "\(text): \(problems)")
    }
  }

  @Test func `a key is 32 bytes as they are, in base64 or in hexadecimal, in a file or a variable`() throws {
    let key = try #require(KeyEncryptionKey(bytes: Self.bytes))
    let texts = [Base64.encode(Self.bytes), Hex.encode(Self.bytes), Hex.encode(Self.bytes).uppercased()]
    for text in texts.flatMap({ [$0, $0 + "\n"] }) { #expect(EncryptionFiles.key(Array(text.utf8)) == key) }
    #expect(EncryptionFiles.key(Self.bytes) == key)
    // A line break may be the key's own last byte.
    let broken = Self.bytes.dropLast() + [10]
    #expect(EncryptionFiles.key(Array(broken)) == KeyEncryptionKey(bytes: Array(broken)))
    for wrong in ["", "short", Base64.encode([UInt8](repeating: 1, count: 31)), Hex.encode(Self.bytes) + "00"] {
      #expect(EncryptionFiles.key(Array(wrong.utf8)) == nil, "\(wrong)")
    }
  }

  @Test func `current and older keys are read from where they are said to be`() throws {
    let text = "encryption: { key: env:NEW, keys: [file:old.key, env:OLDER] }\n"
    let folder = try Folder(["causeway.yaml": text, "old.key": Hex.encode([UInt8](repeating: 2, count: 32)) + "\n"])
    let files = try #require(folder.load().loaded?.settings.encryption)
    let variables = ["NEW": Base64.encode(Self.bytes), "OLDER": Base64.encode([UInt8](repeating: 3, count: 32))]
    let encryption = try files.read(folder.path, variables)
    #expect(encryption.current == KeyEncryptionKey(bytes: Self.bytes))
    #expect(encryption.older == [2, 3].compactMap { KeyEncryptionKey(bytes: [UInt8](repeating: $0, count: 32)) })
  }

  @Test func `a key that cannot be used is said by its place, and never shown`() throws {
    let (files, problems) = try load("\nencryption: { key: env:KEY }\n")
    let read = try #require(files)
    #expect(problems.filter { $0.contains("encryption") }.isEmpty)
    let missing = #expect(throws: EncryptionFiles.Unusable.self) { try read.read("/", [:]) }
    #expect("\(try #require(missing))".contains("causeway.yaml:2: encryption: key: the environment variable KEY"))
    let wrong = #expect(throws: EncryptionFiles.Unusable.self) { try read.read("/", ["KEY": "hunter2"]) }
    let text = "\(try #require(wrong))"
    #expect(text.contains("env:KEY holds no key: 32 bytes are expected") && !text.contains("hunter2"))
  }
}
