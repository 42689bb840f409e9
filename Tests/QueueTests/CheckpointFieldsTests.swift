import Events
import Formats
import Posix
import Support
import Testing

@testable import Queue

/// What a checkpoint holds is all that the state is.
@Suite struct CheckpointFieldsTests {
  static let system = System(.json, "in")
  static let why = Reason("busy", .busy, "It is busy.", side: .netsuite)

  static func event(_ number: Int, _ kind: Event.Kind = .json, _ priority: Event.Priority = .interactive) -> Event {
    Event(
      system: system, endpoint: "in", id: "\(number)", kind: kind, key: "key-\(number)", subject: "flow-\(number % 2)",
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: Array("\(number)".utf8), priority: priority)
  }

  /// Puts one record and applies it; gives its sequence.
  @discardableResult
  static func apply(_ record: LogRecord, to state: inout QueueState, _ next: inout UInt64) -> UInt64 {
    var draft = Draft(nextSequence: next)
    let sequence = draft.put(record)
    draft.apply(to: &state, batchAt: Place(segment: 0, offset: UInt32(next) * 100), time: 1_000 + Int64(next))
    next = draft.nextSequence
    return sequence
  }

  /// Some of everything: all states, marks, waits, leases, notes, pauses of each kind, suspects, duplicates, what expired.
  static func everything(_ state: inout QueueState) -> UInt64 {
    var next: UInt64 = 1
    var draft = Draft(nextSequence: next)
    var events = (1...14).map { event($0, $0 > 12 ? .run : .json, $0 % 3 == 0 ? .bulk : .interactive) }
    events.append(events[0])
    var again = events[1]
    again.payload = [1]
    events.append(again)
    _ = draft.put(events, known: state.duplicates)
    draft.apply(to: &state, batchAt: Place(segment: 0, offset: 96), time: 1_000)
    next = draft.nextSequence
    // Both were leased when the process ended: they are suspects.
    for event: UInt64 in 1...2 { apply(.lease([event]), to: &state, &next) }
    apply(.started(deaths: 3), to: &state, &next)
    apply(.note(3, "intent create"), to: &state, &next)
    let due = Instant(secondsSince1970: 5_000)
    for (event, kind) in [(3, Settlement.Kind.retry), (4, .held), (5, .dead), (6, .done)] as [(UInt64, Settlement.Kind)]
    {
      let token = apply(.lease([event]), to: &state, &next)
      let dueAt = kind == .retry ? due : nil
      apply(
        .settled(Settlement(kind: kind, token: token, sequences: [event], dueAt: dueAt, reason: why)), to: &state, &next
      )
    }
    apply(.changed(.drop, [7], why), to: &state, &next)
    apply(.paused(.lane(event(8).lane), isPaused: true), to: &state, &next)
    apply(.paused(.flow("flow-1"), isPaused: true), to: &state, &next)
    apply(.paused(.destination(System(.netsuite, "1")), isPaused: true), to: &state, &next)
    apply(.retried(Retrying(from: 9_000, over: 60_000, isBulk: true, sequences: [4])), to: &state, &next)
    apply(.expired(Expiry(keptFrom: 1, events: 5, duplicates: 9, parked: [5])), to: &state, &next)
    apply(.carried(carried(100)), to: &state, &next)
    // A suspect is out, and what counts as bulk.
    apply(.lease([1]), to: &state, &next)
    let chosen = state.choose(lanes: 8, eventsPerLane: 1, except: [], at: 2_000)
    let bulk = chosen.filter { state.lanes[$0.lane].isBulk }
    state.takeBack(chosen.filter { !state.lanes[$0.lane].isBulk })
    for choice in bulk { apply(.lease(choice.sequences), to: &state, &next) }
    return next
  }

  static func carried(_ number: Int) -> Carried {
    var bytes: [UInt8] = []
    EventCoding.encode(event(number), into: &bytes)
    return Carried(
      sequence: UInt64(number), isDead: true, attempts: 2, deaths: 1, isSuspect: false, waited: 3, reason: why,
      notes: ["intent update"], event: bytes, since: 77)
  }

  static func text(_ state: QueueState) -> [String] {
    var lines: [String] = []
    state.rows.forEach(after: 0) { row in
      lines.append("\(row)")
      return true
    }
    lines += state.lanes.chunks.joined().map { "\($0)" }
    lines += state.leases.map { "lease \($0.key) \($0.value.lane) \($0.value.sequences)" }.sorted()
    lines += state.notes.map { "notes \($0)" }.sorted()
    lines += state.parkedSince.map { "parked \($0)" }.sorted()
    lines += state.flows.flows.map { "flow \($0)" }.sorted() + state.flows.sources.map { "source \($0)" }.sorted()
    lines += state.pauses.since.map { "pause \($0)" }.sorted()
    lines.append(
      "\(state.flows.pending) \(state.pauses.numbers.sorted()) \(state.pausedCount()) \(state.turns.bulkOut)")
    lines += state.standingPauses().map { "\($0)" }
    lines += state.duplicates.table.sorted().map { "\($0)" }
    lines.append("\(state.duplicates.first) \(state.duplicates.oldest) \(state.duplicates.newest)")
    lines.append("\(state.tally.numbers) \(state.oldest) \(state.suspects.token) \(state.keptFrom)")
    return lines
  }

  @Test(arguments: [nil, 1] as [UInt8?])
  func `a state with everything in it is the same once it was written and read`(_ key: UInt8?) throws {
    let identityKey = IdentityKey(low: 1, high: 2)
    func empty() -> QueueState {
      QueueState(duplicateWindow: 1 << 40, identityKey: identityKey, identitiesInMemory: 100, suspectDelay: 50)
    }
    var state = empty()
    let next = Self.everything(&state)
    let states = Set(
      (1...14).compactMap { state.rows[$0]?.state })
    #expect(states == [.queued, .leased, .retrying, .done, .dropped])
    #expect(state.rows[100]?.state == .dead && state.parkedSince == [100: 77])
    #expect(state.turns.bulkOut > 0 && state.suspects.token > 0 && state.rows[3]?.waited ?? 0 > 0)

    let disk = FaultyDisk()
    try disk.createFolder("/q")
    let keys = EncryptionKeys(disk, "/q", QueueEncryption(current: key.map(Encrypted.key)))
    let head = CheckpointHead(
      nextSequence: next, segment: 0, offset: 96, nextBatch: 1, previous: 0, time: 1, identityKey: identityKey)
    let writing = CheckpointWriting(disk: disk, folder: "/q", keys: keys)
    #expect(writing.write(head, [1], StateSnapshot(state, through: next - 1), minimumFree: 0) != nil)
    let path = "/q/" + CheckpointName.of(next)
    let words = [Array("intent create".utf8), Array("flow-1".utf8), Array("key-8".utf8)]
    let bytes = disk.image[path] ?? []
    for word in words { #expect(CrashWorkload.contains(bytes, word) == (key == nil)) }
    let checkpoint = try #require(CheckpointReading.read(disk, path, keys))
    #expect(CheckpointReading.read(disk, path, EncryptionKeys(disk, "/q", QueueEncryption())) == nil || key == nil)
    var again = empty()
    again.restore(checkpoint.snapshot)
    #expect(Self.text(again) == Self.text(state))
    // What is derived goes on alike.
    func order(_ state: inout QueueState) -> [[UInt64]] {
      state.choose(lanes: 20, eventsPerLane: 2, except: [], at: 1 << 40).map(\.sequences)
    }
    #expect(order(&again) == order(&state))
  }
}
