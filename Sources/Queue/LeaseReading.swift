import Events
import Posix

/// A lease request for which lanes were chosen.
struct LeasesChosen {
  let request: LeaseRequest
  let lanes: [(choice: Chosen, token: UInt64)]
  let reading: LeaseReading
}

/// The events of leases, read while the batch that starts these is on its way to the disk: who comes last, the reader or
/// the writer, answers the request.
final class LeaseReading: Sendable {
  private struct Facts {
    var found: [Result<Lease, UnreadableLease>]?
    var isOnDisk = false
  }

  private let parts: [LeasePart]
  private let answer: Answer<[Lease]>
  private let inbox: Inbox<Command>
  private let facts = Lock(Facts())

  init(_ parts: [LeasePart], _ answer: Answer<[Lease]>, _ inbox: Inbox<Command>) {
    self.parts = parts
    self.answer = answer
    self.inbox = inbox
  }

  /// On the reader's thread.
  func run(_ reader: inout RecordReader) {
    finish(parts.map { part in Result { () throws(UnreadableLease) in try part.lease(&reader) } })
  }

  /// The reader is closed: nothing will be read.
  func giveUp() { finish([]) }

  private func finish(_ found: [Result<Lease, UnreadableLease>]) {
    let isOnDisk = facts.withLock { facts in
      facts.found = found
      return facts.isOnDisk
    }
    if isOnDisk { answer(found) }
  }

  /// The leases hold.
  func handOut() {
    let found = facts.withLock { facts in
      facts.isOnDisk = true
      return facts.found
    }
    if let found { answer(found) }
  }

  /// Where an event cannot be read, the writer is told, and makes it a dead letter.
  private func answer(_ found: [Result<Lease, UnreadableLease>]) {
    var leases: [Lease] = []
    leases.reserveCapacity(found.count)
    for one in found {
      switch one {
      case .success(let lease): leases.append(lease)
      case .failure(let failure): _ = inbox.put(.unreadable(failure.token, failure.error.text))
      }
    }
    answer.resume(returning: .success(leases))
  }
}

/// A lease of which an event cannot be read back.
private struct UnreadableLease: Error {
  let token: UInt64
  let error: ReadError
}

/// A lease before its events were read.
struct LeasePart: Sendable {
  let token: UInt64
  /// As they are while they are leased.
  let rows: [Row]
  let notes: [String]

  fileprivate func lease(_ reader: inout RecordReader) throws(UnreadableLease) -> Lease {
    do throws(ReadError) {
      var entries: [Entry] = []
      entries.reserveCapacity(rows.count)
      for row in rows { entries.append(try reader.entry(row)) }
      return Lease(
        token: LeaseToken(token), lane: entries[0].event.lane, events: entries, attempt: entries[0].attempts,
        waited: rows.map { Int64($0.waited) }.min() ?? 0, notes: notes.map { Note($0) })
    } catch {
      throw UnreadableLease(token: token, error: error)
    }
  }
}
