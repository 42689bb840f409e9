import Events
import Formats
import Foundation
import GRDB
import Testing

@testable import Ledger

@Suite struct FileTests {
  @Test func `a ledger is still there when it is opened again, and is the owner's alone`() async throws {
    try await withFolder { path in
      let first = try Ledger.open(path: path)
      try await first.record(run: run(1))
      try first.close()
      let second = try Ledger.open(path: path)
      #expect(second.setAside == nil)
      #expect(try await second.runs().map(\.cause.event) == ["event-1"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(try await second.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
      #expect(try await second.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 1)
    }
  }

  @Test func `a damaged file is set aside and begun anew`() async throws {
    try await withFolder { path in
      let noise = Data(repeating: 0x61, count: 8192)
      try noise.write(to: URL(filePath: path))
      let ledger = try Ledger.open(path: path)
      let aside = try #require(ledger.setAside)
      #expect(try Data(contentsOf: URL(filePath: aside)) == noise)
      try await ledger.record(run: run(1))
      #expect(try await ledger.runs().count == 1)
    }
  }

  @Test func `a file of a later version is refused and left alone`() async throws {
    try await withFolder { path in
      let ledger = try Ledger.open(path: path)
      try await ledger.write {
        try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 the future')")
      }
      try ledger.close()
      #expect(throws: LedgerError.newer) { try Ledger.open(path: path) }
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func `a folder that is not there is a storage error, and so is a closed ledger`() async throws {
    try await withFolder { path in
      #expect {
        try Ledger.open(path: path + "-none/ledger.sqlite")
      } throws: { error in
        if case LedgerError.storage = error { true } else { false }
      }
      let ledger = try Ledger.open(path: path)
      try ledger.close()
      await #expect(throws: LedgerError.self) { try await ledger.runs() }
    }
  }

  @Test func `many at once are all recorded`() async throws {
    try await withFolder { path in
      let ledger = try Ledger.open(path: path)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in Int64(1)...50 {
          group.addTask {
            try await ledger.record(run: run(number, steps: [Step(.note, detail: "x")]))
            _ = try await ledger.runs(limit: 5)
          }
        }
        try await group.waitForAll()
      }
      #expect(try await ledger.runCounts() == [.written: 50])
    }
  }
}
