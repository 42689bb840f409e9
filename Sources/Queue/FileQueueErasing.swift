import Events
import Formats
import Posix

extension FileQueue {
  /// Erases every event that matches the filter and holds the text, where it is given. Returns how many there were, once
  /// nothing of them is left in the log. All are listed still, with their sequence and the reason.
  func erase(_ filter: Filter, containing text: String?, reason: Reason) async throws(QueueError) -> Int {
    var count = 0
    var last: UInt64 = 0
    while true {
      let found = try await list(filter, after: last, limit: Limits.readPart)
      guard let end = found.last else { return count }
      last = end.sequence
      let wanted = found.filter { !$0.isErased && $0.event.holds(text ?? "") }
      if !wanted.isEmpty { count += try await erase(wanted, reason) }
    }
  }
}

extension Event {
  /// Whether the text is somewhere in the payload or in a name; in a payload of JSON also as it reads, whatever was
  /// written with a backslash.
  public func holds(_ text: String) -> Bool {
    let needle = Array(text.utf8)
    if [payload, Array(id.utf8), Array(key.utf8), Array(subject.utf8)].contains(where: { $0.holds(needle) }) {
      return true
    }
    guard payload.contains(UInt8(ascii: "\\")), let json = try? JSON.parse(payload) else { return false }
    return json.holds(needle)
  }
}

extension [UInt8] {
  fileprivate func holds(_ needle: [UInt8]) -> Bool {
    guard let first = needle.first else { return true }
    var rest = self[...]
    while let start = rest.firstIndex(of: first) {
      if rest[start...].starts(with: needle) { return true }
      rest = rest[(start + 1)...]
    }
    return false
  }
}

extension JSON {
  fileprivate func holds(_ needle: [UInt8]) -> Bool {
    switch self {
    case .string(let text): Array(text.utf8).holds(needle)
    case .array(let values): values.contains { $0.holds(needle) }
    case .object(let members): members.contains { Array($0.utf8).holds(needle) || $1.holds(needle) }
    case .null, .bool, .number: false
    }
  }
}

/// Who asked for it, and hears once all of it is overwritten.
struct ErasureRequest: Sendable {
  let entries: [Entry]
  let reason: Reason
  let answer: Answer<Int>
}

extension Writer {
  /// Says on disk what is erased.
  mutating func erase(_ request: ErasureRequest) throws(LogError) -> Planned {
    // By the state as it is on disk: nothing else happens to these events in this batch.
    if !draft.isEmpty { return .afterThisBatch }
    let events = request.entries.compactMap(erased)
    let record = LogRecord.erased(events, request.reason)
    guard !events.isEmpty, try room(Size.record(record), isIntake: false) == .yes else {
      request.answer.resume(returning: events.isEmpty ? .success(0) : .failure(.full))
      return .planned
    }
    draft.beginGroup()
    draft.put(record)
    erasing.append((request.answer, events.count))
    mustWrite = true
    return .planned
  }

  private func erased(_ entry: Entry) -> ErasedEvent? {
    guard let row = state.rows[entry.sequence] else { return nil }
    var bytes: [UInt8] = []
    EventCoding.encode(entry.event, into: &bytes)
    let facts = bytes.withUnsafeBytes {
      EventFacts(RecordPayload($0), row.sequence, row.place, state.duplicates.key)
    }
    guard let identity = facts?.identity else { return nil }
    return ErasedEvent(
      sequence: row.sequence, isDone: row.state == .done, receivedAt: row.receivedAt, id: identity.id,
      body: identity.body)
  }

  /// The record is on disk, or was found there at the start: overwrites what it names, from the first of the segments
  /// that hold it. Until that is done no checkpoint is written, so that a start finds the record again.
  mutating func overwrite() {
    let sequences = state.erasures
    guard let first = sequences.min() else { return }
    state.erasures = []
    let asked = erasing
    erasing = []
    checkpointing.holds += 1
    let segments = log.sealed.map(\.firstSequence) + [log.firstSequence]
    let begin = segments.lastIndex { $0 <= first } ?? 0
    // What was carried on has an older sequence than its segment.
    let jobs = segments[begin...].map {
      SegmentErasing(disk: log.disk, folder: log.folder, firstSequence: $0, keys: log.keys, sequences: sequences)
    }
    let inbox = inbox
    log.upkeep.submit {
      var failure: DiskError?
      for job in jobs where failure == nil {
        do throws(DiskError) { try job.run() } catch {
          failure = error
        }
      }
      if failure == nil { _ = inbox.put(.erased) }
      for (answer, count) in asked {
        answer.resume(returning: failure.map { .failure(.storage("\($0)")) } ?? .success(count))
      }
    }
  }
}
