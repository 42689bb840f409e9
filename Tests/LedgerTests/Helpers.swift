import Events
import Formats
import Foundation

@testable import Ledger

/// A folder of its own, gone when the work is done.
func withFolder<T>(_ work: (String) async throws -> T) async throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await work(folder.path(percentEncoded: false) + "/ledger.sqlite")
}

func instant(_ seconds: Int64) -> Instant { Instant(secondsSince1970: 1_790_000_000 + seconds, nanoseconds: 5_000_000) }

func run(
  _ number: Int64, flow: String = "order", outcome: Run.Outcome = .written, pair: Pair? = nil, steps: [Step] = []
) -> Run {
  Run(
    flow: flow, entity: "order-from-opportunity",
    pair: pair ?? Pair(salesforce: "006\(number)", netsuite: "\(number)"),
    cause: Run.Cause(sequence: UInt64(number), event: "event-\(number)", endpoint: "crm"),
    started: instant(number), finished: instant(number + 1), outcome: outcome, apiCalls: 3, steps: steps)
}
