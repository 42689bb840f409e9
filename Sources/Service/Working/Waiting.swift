import Events
import Ledger
import Posix
import Queue

/// Runs that are held until another record is settled, and what makes them due: its settling.
final class Waiting: Sendable {
  private let queue: any EventQueue
  private let ledger: Ledger
  /// Ids of the records that something may be held for.
  private let needed = Lock<Set<String>>([])

  init(queue: any EventQueue, ledger: Ledger) {
    self.queue = queue
    self.ledger = ledger
  }

  /// Finds what was held before the start.
  func restore() async {
    var last: UInt64?
    while let page = try? await queue.list(Filter(states: [.held], kinds: [.run]), after: last, limit: 500),
      let end = page.last
    {
      for entry in page { note(entry.reason) }
      last = end.sequence
    }
  }

  /// Something is about to be held, for this reason.
  func note(_ reason: Reason?) {
    if let id = reason?.needs?.id { needed.withLock { _ = $0.insert(id) } }
  }

  /// It is held now. Where the record was settled meanwhile, nobody could find it yet.
  func held(for reason: Reason?) async {
    guard let id = reason?.needs?.id, !needed.withLock({ $0.contains(id) }) else { return }
    note(reason)
    await release([id])
  }

  /// Records were settled: what was held for them is tried again.
  func release(_ ids: Set<String>) async {
    for id in needed.withLock({ $0.intersection(ids) }) {
      needed.withLock { _ = $0.remove(id) }
      do throws(QueueError) {
        _ = try await queue.change(Filter(states: [.held], kinds: [.run], needs: id), .retry())
      } catch {
        needed.withLock { _ = $0.insert(id) }
      }
    }
  }

  /// What was held for this pair before is settled with it: those requests become due, find nothing to do, and are done.
  func release(_ request: RunRequest, _ pair: Pair) async {
    await release(Set([pair.salesforce, pair.netsuite].compactMap { $0 }))
    guard let record = pair.salesforce ?? pair.netsuite else { return }
    let filter = RunFilter(entity: request.entity, record: record)
    guard let last = try? await ledger.runs(filter, limit: 1).first, last.outcome == .held else { return }
    for key in Set([request.pair, record]) {
      _ = try? await queue.change(Filter(states: [.held], kinds: [.run], key: key), .retry())
    }
  }
}
