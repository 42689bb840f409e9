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
    var found: Found?
    var isOnDisk = false
  }

  private struct Found {
    var leases: [Lease] = []
    var unreadable: [UnreadableLease] = []
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
    var found = Found()
    found.leases.reserveCapacity(parts.count)
    for part in parts {
      do throws(UnreadableLease) { found.leases.append(try part.lease(&reader)) } catch {
        found.unreadable.append(error)
      }
    }
    finish(found)
  }

  /// The reader is closed: nothing will be read.
  func giveUp() { finish(Found()) }

  private func finish(_ found: Found) {
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
  private func answer(_ found: Found) {
    for one in found.unreadable { _ = inbox.put(.unreadable(one.token, one.error.text)) }
    answer.resume(returning: .success(found.leases))
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
