import Events
import Formats
import Posix
import Synchronization

/// The queue on disk: see `Format.swift` for what it writes, `Writer` for when.
public final class FileQueue: EventQueue {
  /// What opening it found.
  public let recovery: RecoveryReport
  let inbox: Inbox<Command>
  private let reader: Reader
  private let shared: SharedFacts
  private let options: QueueOptions
  private let keys: EncryptionKeys
  private let deflaters = Deflaters()
  private let leaseIDs = Atomic<UInt64>(0)

  /// Opens the queue in a folder, which is made where it is missing; blocks while it reads the log. One process at a
  /// time: the folder is locked until `close`, or the end of the process.
  ///
  /// Errors: `.inUse`; `.storage` with the call and the path, or with what is wrong with the folder.
  public static func open(
    folder: String, disk: any Disk = RealDisk(), clock: any QueueClock = MachineClock(),
    options: QueueOptions = QueueOptions()
  ) throws(QueueError) -> FileQueue {
    let lock = try lock(folder, disk, options)
    do throws(QueueError) {
      return try FileQueue(folder, disk, clock, options, lock)
    } catch {
      lock.release()
      throw error
    }
  }

  private static func lock(
    _ folder: String, _ disk: any Disk, _ options: QueueOptions
  ) throws(QueueError) -> any DiskLock {
    do throws(DiskError) {
      try disk.createFolder(folder)
      if !options.allowsUnknownFileSystem, try disk.fileSystem(folder) == nil {
        throw DiskError("the file system is not known to keep what it synced; allow it to use", folder, .invalid)
      }
      return try disk.lock(folder + "/queue.lock")
    } catch {
      if error.isLocked { throw .inUse(folder: folder) }
      throw .storage("\(error)")
    }
  }

  private init(
    _ folder: String, _ disk: any Disk, _ clock: any QueueClock, _ options: QueueOptions, _ lock: any DiskLock
  ) throws(QueueError) {
    let (upkeep, identities): (Upkeep, Upkeep)
    do {
      upkeep = try Upkeep("queue-keep", isSimulated: !clock.runsByItself)
      identities = try Upkeep("queue-ids", isSimulated: !clock.runsByItself)
    } catch {
      throw .storage("\(error)")
    }
    var opening = Recovery(disk, folder, options, upkeep)
    var log: Log
    do {
      log = try opening.run()
    } catch {
      upkeep.close()
      identities.close()
      throw error
    }
    recovery = opening.report
    self.options = options
    keys = opening.keys
    shared = SharedFacts(lock)
    inbox = Inbox()
    do {
      try Self.begin(&log, &opening, clock)
      reader = try Reader(disk, folder, log.names, keys)
      // Whoever opened it asks at once how much is waiting.
      shared.publish(
        opening.state.tally, oldest: opening.state.oldestPending(), paused: opening.state.pausedCount())
      shared.publish(miscounted: opening.state.miscount())
      var writer = Writer(
        log, opening.state, nextSequence: opening.nextSequence, clock: clock, inbox: inbox, reader: reader,
        identities: identities, shared: shared)
      writer.makeSpare()
      // What cannot be read without a key that is missing is there again once the key is: no checkpoint may say otherwise.
      if opening.report.damage.contains(where: { $0.kind == .key }) { writer.checkpointing.holds += 1 }
      writer.overwrite()
      writer.scrubbing.hurried = opening.endedInOrder ? 0 : log.sealed.count
      writer.checkpointing.behind = opening.bytesRead
      writer.checkpointing.nextSequence = opening.resumed?.nextSequence ?? 0
      let parts = WriterParts(writer: writer)
      try BlockingThread(name: "queue-write") { parts.run() }.detach()
    } catch {
      upkeep.close()
      identities.close()
      throw .storage("\((error as? LogError)?.error ?? error)")
    }
    let inbox = inbox
    clock.whenMoved { [weak inbox] in inbox?.poke() }
  }

  /// Ends the leases that the process before held, on disk, before anything is leased again.
  private static func begin(_ log: inout Log, _ opening: inout Recovery, _ clock: any QueueClock) throws(LogError) {
    guard !opening.state.leases.isEmpty else { return }
    var draft = Draft(nextSequence: opening.nextSequence, isEncrypted: log.keys.encrypts)
    draft.put(.started(deaths: log.options.deathsUntilDead))
    let size = draft.bytes.count + Log.ending
    if log.room < size { try log.roll(firstSequence: opening.nextSequence, needed: size, isIntake: false) }
    let origin = log.origin
    try log.write(&draft, at: clock.wall().millisecondsSince1970)
    draft.apply(to: &opening.state, batchAt: origin, time: log.time)
    opening.nextSequence = draft.nextSequence
  }

  /// Writes what waits, ends all leases without counting their attempts, marks the log as whole, and unlocks it. Calls
  /// after it, and leases that still wait, get `.closed`.
  public func close() async {
    let _: Result<Void, QueueError> = await withUnsafeContinuation { answer in send(.close(answer)) }
  }

  /// Nil while storage works; else why it does not. It never works again: the process has to end.
  public var failure: QueueError? { shared.failure }

  /// Damage in sealed segments that was found since the queue was opened.
  public var damageFound: [Damage] { shared.scrubbed }

  // MARK: EventQueue

  public func append(_ events: [Event]) async throws(QueueError) -> [Accepted] {
    if events.isEmpty { return [] }
    let size = Size.append(events)
    let isNameLong = events.contains { EventCoding.longestName($0) > Limits.name }
    if isNameLong { throw .tooLarge(limit: Limits.name) }
    guard size <= options.maximumAppend else { throw .tooLarge(limit: options.maximumAppend) }
    guard shared.enter(size, limit: options.maximumWaiting) else { throw .full }
    let packed = deflaters.pack(events)
    return try await ask { .append(events, packed: packed, size: size, $0) }
  }

  public func lease(lanes: Int, eventsPerLane: Int, except: Set<Route>) async throws(QueueError) -> [Lease] {
    let id = leaseIDs.wrappingAdd(1, ordering: .relaxed).newValue
    let result: Result<[Lease], QueueError> = await withTaskCancellationHandler {
      await withUnsafeContinuation { answer in
        send(
          .lease(
            LeaseRequest(
              id: id, lanes: max(1, lanes), eventsPerLane: max(1, eventsPerLane), except: except, answer: answer)))
      }
    } onCancel: {
      _ = inbox.put(.cancelLease(id))
    }
    return try result.get()
  }

  public func extend(_ lease: Lease) async throws(QueueError) {
    try await ask { .extend(lease.token.number, $0) }
  }

  public func note(_ lease: Lease, _ note: Note) async throws(QueueError) {
    try await ask { .note(lease.token.number, note.text, $0) }
  }

  public func settle(_ endings: [Ending]) async -> [QueueError?] {
    if endings.isEmpty { return [] }
    return await withUnsafeContinuation { continuation in
      let answers = EndingAnswers(endings.count, continuation)
      let commands = endings.enumerated().map { index, ending in
        Command.settle(ending.lease.token.number, ending.outcome, EndingAnswer(of: answers, index: index))
      }
      if !inbox.put(contentsOf: commands) { for command in commands { command.fail(shared.ended) } }
    }
  }

  public func list(_ filter: Filter, after: UInt64?, limit: Int) async throws(QueueError) -> [Entry] {
    var entries: [Entry] = []
    var last = after ?? 0
    while entries.count < limit {
      let part = Limits.readPart
      let query = RowQuery(after: last, states: filter.states, sequences: filter.sequences, limit: part)
      let rows: [Row] = try await ask { .rows(query, $0) }
      guard let end = rows.last else { break }
      let wanted = limit - entries.count
      entries += try await read(rows, filter, limit: wanted)
      last = end.sequence
      if rows.count < part { break }
    }
    return entries
  }

  public func change(_ filter: Filter, _ change: Change) async throws(QueueError) -> Int {
    switch change {
    case .retry(let retry): return try await self.retry(filter, retry)
    case .drop(let reason):
      var count = 0
      for part in Self.parts(try await matching(filter, [.queued, .retrying, .held, .dead]).sequences) {
        count += try await ask { .drop(part, reason, $0) }
      }
      return count
    case .erase(let text, let reason): return try await erase(filter, containing: text, reason: reason)
    }
  }

  public func pause(_ part: WorkPart) async throws(QueueError) -> Bool { try await ask { .pause(part, true, $0) } }

  public func resume(_ part: WorkPart) async throws(QueueError) -> Bool { try await ask { .pause(part, false, $0) } }

  public func pauses() async throws(QueueError) -> [Pause] { try await ask { .pauses($0) } }

  func erase(_ entries: [Entry], _ reason: Reason) async throws(QueueError) -> Int {
    try await ask { .erase(ErasureRequest(entries: entries, reason: reason, answer: $0)) }
  }

  public func counts() async -> Counts { shared.counts }

  /// Encrypts the keys of all segments under this key, while the queue runs; says how many were not yet. New segments
  /// take it at once. Afterwards no other key is needed to open the folder. After an error some keys may still be under
  /// another: it can be asked for again.
  public func rotate(to key: KeyEncryptionKey) async throws(QueueError) -> Int {
    guard keys.encrypts else { throw .storage("the queue is not encrypted") }
    try await ask { .rotate(key, $0) }
    var count = 0
    var failure: RotationError?
    let segments: [UInt64]
    switch try await work({ (keys) throws(RotationError) in try keys.all() }) {
    case .success(let all): segments = all
    case .failure(let error): throw .storage(error.text)
    }
    for segment in segments {
      switch try await work({ (keys) throws(RotationError) in try keys.rewrap(segment) }) {
      case .success(let isNew): count += isNew ? 1 : 0
      case .failure(let error): failure = failure ?? error
      }
    }
    if let failure { throw .storage(failure.text) }
    return count
  }

  /// A segment at a time, on the reader's thread, so that who waits for events waits for no more than one.
  private func work<Value: Sendable>(
    _ body: @escaping @Sendable (EncryptionKeys) throws(RotationError) -> Value
  ) async throws(QueueError) -> Result<Value, RotationError> {
    let keys = keys
    let result: Result<Result<Value, RotationError>, QueueError> = await withUnsafeContinuation { answer in
      let taken = reader.submit { _ in
        do throws(RotationError) { answer.resume(returning: .success(.success(try body(keys)))) } catch {
          answer.resume(returning: .success(.failure(error)))
        }
      }
      if !taken { answer.resume(returning: .failure(shared.ended)) }
    }
    return try result.get()
  }

  // MARK: asking

  func ask<Value>(_ command: (Answer<Value>) -> Command) async throws(QueueError) -> Value {
    let result: Result<Value, QueueError> = await withUnsafeContinuation { answer in send(command(answer)) }
    return try result.get()
  }

  private func send(_ command: Command) {
    if !inbox.put(command) { command.fail(shared.ended) }
  }

  /// Reads the events of the rows, and keeps those that match.
  private func read(_ rows: [Row], _ filter: Filter, limit: Int) async throws(QueueError) -> [Entry] {
    var (entries, unread) = try await readOnce(rows, filter, limit: limit)
    while !unread.isEmpty {
      // Retention may have carried them on meanwhile, out of a segment that it then removed.
      var moved: [Row] = []
      for row in unread {
        let query = RowQuery(after: 0, states: filter.states, sequences: row.sequence...row.sequence, limit: 1)
        let now: [Row] = try await ask { .rows(query, $0) }
        moved += now.filter { $0.place != row.place || $0.reason != row.reason }
      }
      let (more, still) = try await readOnce(moved, filter, limit: limit)
      entries = Array((entries + more).sorted { $0.sequence < $1.sequence }.prefix(limit))
      unread = still
    }
    return entries
  }

  /// Says too which cannot be read where they were.
  private func readOnce(
    _ rows: [Row], _ filter: Filter, limit: Int
  ) async throws(QueueError) -> (entries: [Entry], unread: [Row]) {
    if rows.isEmpty { return ([], []) }
    let result: Result<([Entry], [Row]), QueueError> = await withUnsafeContinuation { answer in
      let taken = reader.submit { reader in
        var entries: [Entry] = []
        var unread: [Row] = []
        for row in rows where entries.count < limit {
          // An event that cannot be read back is in the recovery's report, or becomes a dead letter.
          guard let entry = try? reader.entry(row) else {
            unread.append(row)
            continue
          }
          if filter.matches(entry) { entries.append(entry) }
        }
        answer.resume(returning: .success((entries, unread)))
      }
      if !taken { answer.resume(returning: .failure(shared.ended)) }
    }
    return try result.get()
  }
}

extension Filter {
  /// Whether what was read of the event matches.
  func matches(_ entry: Entry) -> Bool {
    let event = entry.event
    return (kinds.isEmpty || kinds.contains(event.kind)) && (endpoint == nil || endpoint == event.endpoint)
      && (id == nil || id == event.id) && (key == nil || key == event.key)
      && (subject == nil || subject == event.subject) && (needs == nil || needs == entry.reason?.needs?.id)
  }
}
