import Events
import Flows
import Formats
import Ledger
import Logging
import Posix
import Queue

/// Leases what is due, has it routed or run, and settles it: done, later, held or dead.
public final class Dispatcher: Sendable {
  private let queue: any EventQueue
  private let routing: Routing
  private let connections: Connections
  private let blueprint: Blueprint
  private let ledger: Ledger
  private let policy: RetryPolicy
  private let now: @Sendable () -> Instant
  private let log: Logger
  private let locks = PairLocks()
  private let slots = Slots(Limits.leases)
  private let reach: Reach
  private let waiting: Waiting

  enum Limits {
    /// Lanes worked at a time; what waits for a system waits for its budget, not for a place here.
    static let leases = 64
    /// Waiting events of one lane that one lease takes.
    static let eventsPerLane = 32
    /// Milliseconds until a record that another run has is tried again.
    static let busy: Int64 = 100
    /// Seconds between extensions of a lease that takes long.
    static let extend = 30
    /// Milliseconds after which it is looked again what may be leased, while a system is not called.
    static let look: Int64 = 1_000
    /// Milliseconds over which what is put back is spread.
    static let spread: Int64 = 5_000
  }

  init(
    queue: any EventQueue, blueprint: Blueprint, connections: Connections, ledger: Ledger, policy: RetryPolicy,
    log: Logger, now: @escaping @Sendable () -> Instant
  ) {
    self.queue = queue
    self.blueprint = blueprint
    self.connections = connections
    self.ledger = ledger
    self.policy = policy
    self.log = log
    self.now = now
    reach = Reach(blueprint, systems: connections.connectors.mapValues(\.system))
    waiting = Waiting(queue: queue, ledger: ledger)
    routing = Routing(blueprint: blueprint, connections: connections, ledger: ledger)
  }

  /// Works until the task is cancelled or the queue closes; what is leased then is finished first.
  func run() async {
    await waiting.restore()
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        await slots.waitForOne()
        let leases: [Lease]
        do throws(QueueError) {
          leases = try await next()
        } catch {
          if error != .closed { log.critical("the queue gives no work", metadata: ["error": "\(error)"]) }
          return
        }
        slots.take(leases.count)
        // Not cancelled with the loop: what was leased is brought to its end.
        for lease in leases where Self.isRun(lease) {
          group.addTask { [self] in await Task { await self.run(lease) }.value }
        }
        let others = leases.filter { !Self.isRun($0) }
        if others.isEmpty { continue }
        group.addTask { [self] in await Task { await self.route(others) }.value }
      }
    }
  }

  private static func isRun(_ lease: Lease) -> Bool { lease.events.first?.event.kind == .run }

  /// What is due, but for systems that are not called now; while there are such, no longer than until the next look.
  private func next() async throws(QueueError) -> [Lease] {
    let shut = connections.shut
    let except = reach.routes(to: shut.names)
    let free = slots.free
    guard shut.isChanging else {
      return try await queue.lease(lanes: free, eventsPerLane: Limits.eventsPerLane, except: except)
    }
    let leasing = Task { [queue] () -> Result<[Lease], QueueError> in
      do throws(QueueError) {
        return .success(try await queue.lease(lanes: free, eventsPerLane: Limits.eventsPerLane, except: except))
      } catch {
        return .failure(error)
      }
    }
    let alarm = Task {
      try await Task.sleep(for: .milliseconds(Limits.look))
      leasing.cancel()
    }
    defer { alarm.cancel() }
    return try await withTaskCancellationHandler {
      await leasing.value
    } onCancel: {
      leasing.cancel()
    }.get()
  }

  private func run(_ lease: Lease) async {
    guard let head = lease.events.first else { return }
    if let left = connections.wait(reach.connections(of: head.event.subject), isRetry: Self.isRetry(lease)) {
      let at = now().adding(milliseconds: left + Int64.random(in: 0...Limits.spread))
      return await settle([Ending(lease, .retry(at: at, head.reason ?? Self.waitsReason, counts: false))])
    }
    await Connections.$isRetry.withValue(Self.isRetry(lease)) {
      await keep([lease]) { await settle([Ending(lease, settlePair(lease))]) }
    }
  }

  /// Those for which no system is called are routed one after the other, and settled together.
  private func route(_ leases: [Lease]) async {
    var atHand: [(lease: Lease, touches: Routing.Touches)] = []
    var endings: [Ending] = []
    await withDiscardingTaskGroup { group in
      for lease in leases {
        do throws(Stop) {
          let touches = try routing.touches(of: lease)
          if touches.areAtHand {
            atHand.append((lease, touches))
          } else {
            group.addTask {
              await self.keep([lease]) { await self.settle([Ending(lease, self.route(touches, of: lease))]) }
            }
          }
        } catch {
          endings.append(Ending(lease, outcome(of: error, lease)))
        }
      }
      await keep(atHand.map(\.lease)) {
        for (lease, touches) in atHand { endings.append(Ending(lease, await route(touches, of: lease))) }
        await settle(endings)
      }
    }
  }

  private func route(_ touches: Routing.Touches, of lease: Lease) async -> Outcome {
    await Connections.$isRetry.withValue(Self.isRetry(lease)) {
      do throws(Stop) {
        let requests = try await routing.requests(of: touches)
        let reason = requests.isEmpty ? Reason("no-pair", .none, "it leads to no pair") : nil
        return .done(reason, then: requests.map { $0.event(at: now()) })
      } catch {
        return outcome(of: error, lease)
      }
    }
  }

  /// Holds leases for as long as the work takes.
  private func keep(_ leases: [Lease], while work: () async -> Void) async {
    let keeper = Task { [queue] in
      while (try? await Task.sleep(for: .seconds(Limits.extend))) != nil {
        for lease in leases { try? await queue.extend(lease) }
      }
    }
    defer { keeper.cancel() }
    await work()
  }

  private static func isRetry(_ lease: Lease) -> Bool {
    lease.events.first?.reason.map { !isFirstTry(after: $0) } ?? false
  }

  /// What was put back before it called anybody, or what a person asked for, is no retry of the system's.
  private static func isFirstTry(after reason: Reason) -> Bool {
    [busyReason.code, waitsReason.code, Reason.retryAsked.code].contains(reason.code)
  }

  private static let waitsReason = Reason(
    "destination-waits", .unavailable, "a system that it reads or writes is left alone for now")

  private func settlePair(_ lease: Lease) async -> Outcome {
    guard let request = lease.events.last.flatMap({ RunRequest($0.event) }) else {
      return .dead(Reason("run-unreadable", .internalError, "the run request cannot be read"))
    }
    var state = Runner.State()
    let started = now()
    let calls = connections.calls
    let runner = Runner(
      blueprint: blueprint, connections: connections, ledger: ledger, locks: locks, now: now,
      intend: { [queue] text in try await queue.note(lease, Note(text)) })
    let outcome: Outcome
    do throws(Stop) {
      let plan = try await runner.settle(request, &state)
      outcome =
        switch plan.outcome {
        case .held(let reasons): .held(reasons.first ?? Reason("held", .none, "held"))
        case .nothing(let reason): .done(reason, then: [])
        case .agreed, .writing: .done(nil, then: [])
        }
    } catch {
      if case .busy = error.cause {
        return .retry(at: now().adding(milliseconds: Limits.busy), Self.busyReason, counts: false)
      }
      outcome = self.outcome(of: error, lease)
    }
    let run = Run(
      flow: request.flow, entity: request.entity, pair: state.journal.named(request),
      cause: Run.Cause(sequence: request.cause.sequence, event: request.cause.id, endpoint: request.cause.endpoint),
      started: started, finished: now(), outcome: Self.ledgerOutcome(outcome, state.journal.writes),
      reason: outcome.reason, apiCalls: connections.calls - calls, steps: state.journal.steps)
    waiting.note(outcome.heldReason)
    await waiting.release(state.settled)
    if case .done = outcome { await waiting.release(request, run.pair) }
    do throws(LedgerError) {
      _ = try await ledger.record(run: run)
    } catch {
      log.error("a run could not be recorded", metadata: ["flow": "\(request.flow)", "error": "\(error)"])
    }
    report(run, outcome)
    return outcome
  }

  private static let busyReason = Reason("record-busy", .busy, "another run has one of its records at this moment")

  private func outcome(of stop: Stop, _ lease: Lease) -> Outcome {
    guard case .failed(let failure) = stop.cause else {
      return .retry(at: now().adding(milliseconds: Limits.busy), Self.busyReason, counts: false)
    }
    return policy.outcome(
      of: failure, attempt: lease.attempt, streak: max(1, connections.streak(stop.connection)), waited: lease.waited,
      now: now(), dice: { Int64.random(in: $0) })
  }

  private func settle(_ endings: [Ending]) async {
    if endings.isEmpty { return }
    for (ending, error) in zip(endings, await queue.settle(endings)) {
      if let error {
        // Nothing is lost: the lease ends, and whoever gets it next reads everything afresh.
        log.error("a lease could not be settled", metadata: ["lane": "\(ending.lease.lane)", "error": "\(error)"])
      }
      await waiting.held(for: ending.outcome.heldReason)
    }
    slots.give(endings.count)
  }

  private func report(_ run: Run, _ outcome: Outcome) {
    var metadata: Logger.Metadata = [
      "flow": "\(run.flow)", "endpoint": "\(run.cause.endpoint)", "event": "\(run.cause.event)",
      "pair": "\(run.pair.salesforce ?? "-")/\(run.pair.netsuite ?? "-")", "outcome": "\(run.outcome.rawValue)",
      "calls": "\(run.apiCalls)",
    ]
    if let reason = outcome.reason {
      metadata["code"] = "\(reason.code)"
      metadata["reason"] = "\(reason.masked)"
    }
    switch outcome {
    case .done: log.info("settled", metadata: metadata)
    case .retry: log.notice("to be tried again", metadata: metadata)
    case .held: log.warning("held", metadata: metadata)
    case .dead: log.error("dead letter", metadata: metadata)
    }
  }

  private static func ledgerOutcome(_ outcome: Outcome, _ writes: Int) -> Run.Outcome {
    switch outcome {
    case .done: writes > 0 ? .written : .unchanged
    case .retry: .retry
    case .held: .held
    case .dead: .dead
    }
  }
}

extension Outcome {
  var heldReason: Reason? {
    if case .held(let reason) = self { reason } else { nil }
  }

  var reason: Reason? {
    switch self {
    case .done(let reason, _): reason
    case .retry(_, let reason, _), .held(let reason), .dead(let reason): reason
    }
  }
}

extension Journal {
  /// The pair as far as the run came to know it.
  func named(_ request: RunRequest) -> Pair {
    Pair(
      salesforce: pair.salesforce ?? (request.side == .salesforce ? request.record.id : nil),
      netsuite: pair.netsuite ?? (request.side == .netsuite ? request.record.id : nil))
  }
}
