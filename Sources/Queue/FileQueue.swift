import Events
import Formats
import Posix
import Synchronization

/// The queue on disk: see `Format.swift` for what it writes, `Writer` for when.
public final class FileQueue: EventQueue {
  /// What opening it found.
  public let recovery: RecoveryReport
  private let inbox: Inbox<Command>
  private let reader: Reader
  private let shared: SharedFacts
  private let options: QueueOptions
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
    var opening = Recovery(disk, folder, options)
    var log = try opening.run()
    recovery = opening.report
    self.options = options
    shared = SharedFacts(lock)
    inbox = Inbox()
    do {
      try Self.begin(&log, &opening, clock)
      reader = try Reader(disk, folder, log.names)
      // Whoever opened it asks at once how much is waiting.
      shared.publish(opening.state.tally, oldest: opening.state.oldestPending())
      let parts = WriterParts(
        writer: Writer(
          log, opening.state, nextSequence: opening.nextSequence, clock: clock, inbox: inbox, reader: reader,
          shared: shared))
      try BlockingThread(name: "queue-write") { parts.run() }.detach()
    } catch {
      throw .storage("\((error as? LogError)?.error ?? error)")
    }
    let inbox = inbox
    clock.whenMoved { [weak inbox] in inbox?.poke() }
  }

  /// Ends the leases that the process before held, on disk, before anything is leased again.
  private static func begin(_ log: inout Log, _ opening: inout Recovery, _ clock: any QueueClock) throws(LogError) {
    guard !opening.state.leases.isEmpty else { return }
    var draft = Draft(nextSequence: opening.nextSequence)
    draft.put(.started(deaths: log.options.deathsUntilDead))
    if log.room < UInt64(draft.bytes.count) {
      do { try log.roll(firstSequence: opening.nextSequence, needed: draft.bytes.count) } catch {
        throw LogError(isFinal: true, error)
      }
    }
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

  // MARK: EventQueue

  public func append(_ events: [Event]) async throws(QueueError) -> [Accepted] {
    if events.isEmpty { return [] }
    let size = Size.append(events)
    let isNameLong = events.contains { EventCoding.longestName($0) > Limits.name }
    if isNameLong { throw .tooLarge(limit: Limits.name) }
    guard size <= options.maximumAppend else { throw .tooLarge(limit: options.maximumAppend) }
    guard shared.enter(size, limit: options.maximumWaiting) else { throw .full }
    return try await ask { .append(events, size: size, $0) }
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

  public func settle(_ lease: Lease, _ outcome: Outcome) async throws(QueueError) {
    if case .done(_, let then) = outcome {
      let isNameLong = then.contains { EventCoding.longestName($0) > Limits.name }
      if isNameLong { throw .tooLarge(limit: Limits.name) }
    }
    try await ask { .settle(lease.token.number, outcome, $0) }
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
    var filter = filter
    let open: Set<EventState>
    let kind: LogRecord.ChangeKind
    var reason: Reason?
    switch change {
    case .retry:
      (kind, open) = (.retry, [.held, .dead, .retrying])
    case .drop(let given):
      (kind, open, reason) = (.drop, [.queued, .retrying, .held, .dead], given)
    }
    filter.states = filter.states.isEmpty ? open : filter.states.intersection(open)
    if filter.states.isEmpty { return 0 }
    var count = 0
    var last: UInt64 = 0
    while true {
      let found = try await list(filter, after: last, limit: Limits.changePart)
      guard let end = found.last else { return count }
      let sequences = found.map(\.sequence)
      let given = reason
      count += try await ask { .change(kind, sequences, given, $0) }
      last = end.sequence
    }
  }

  public func counts() async -> Counts { shared.counts }

  // MARK: asking

  private func ask<Value>(_ command: (Answer<Value>) -> Command) async throws(QueueError) -> Value {
    let result: Result<Value, QueueError> = await withUnsafeContinuation { answer in send(command(answer)) }
    return try result.get()
  }

  private func send(_ command: Command) {
    if !inbox.put(command) { command.fail(shared.ended) }
  }

  /// Reads the events of the rows, and keeps those that match.
  private func read(_ rows: [Row], _ filter: Filter, limit: Int) async throws(QueueError) -> [Entry] {
    let result: Result<[Entry], QueueError> = await withUnsafeContinuation { (answer: Answer<[Entry]>) in
      let taken = reader.submit { reader in
        var entries: [Entry] = []
        for row in rows where entries.count < limit {
          // An event that cannot be read back is in the recovery's report, or becomes a dead letter.
          if let entry = try? reader.entry(row), filter.matches(entry.event) { entries.append(entry) }
        }
        answer.resume(returning: .success(entries))
      }
      if !taken { answer.resume(returning: .failure(shared.ended)) }
    }
    return try result.get()
  }
}

extension Filter {
  /// Whether the event's own facts match.
  func matches(_ event: Event) -> Bool {
    (kinds.isEmpty || kinds.contains(event.kind)) && (endpoint == nil || endpoint == event.endpoint)
      && (id == nil || id == event.id) && (key == nil || key == event.key)
      && (subject == nil || subject == event.subject)
  }
}
