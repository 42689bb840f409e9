import Connectors
import Events
import Flows
import Formats
import Ledger

/// One run settles one pair: asks `Settlement` what to do, does it, and tells. A run happens at least once; its effect
/// once, because everything is read afresh, compared before it is written, and made so that a repeat is refused.
struct Runner: Sendable {
  let blueprint: Blueprint
  let connections: Connections
  let ledger: Ledger
  let locks: PairLocks
  let now: @Sendable () -> Instant
  /// Synced before it returns: what is about to be written.
  let intend: @Sendable (String) async throws -> Void

  /// Partners of partners of partners: a parent's parent's parent and so on.
  static let maximumDepth = 12
  /// Looks after a write that was not answered, or whose external id was taken.
  static let maximumLooks = 3

  struct State {
    var journal = Journal()
    /// Records that this run has for itself.
    var held: Set<String> = []
    /// Records that this run made: who comes by one of them still needs the other of its pair, which this run has.
    var made: Set<String> = []
    /// Other entities' records that were found to have their partners, or were brought.
    var settled: Set<String> = []
    /// Entity and record of the runs that wait for this one.
    var open: [String] = []
  }

  /// Brings the pair of a record to where its owners want it. The plan says what was decided last.
  func settle(_ request: RunRequest, _ state: inout State) async throws(Stop) -> Plan {
    var names = [Self.name(request.side, request.record.id)]
    if request.side == .netsuite, !request.pair.hasPrefix("netsuite ") {
      names.append(Self.name(.salesforce, request.pair))
    }
    defer { locks.release(Array(state.held)) }
    guard let entity = blueprint.entity(request.entity) else {
      let reason = Reason(
        "entity-missing", .configuration, "the entity {0} is no longer configured", quoted: [request.entity])
      throw Stop(.never(reason), at: nil)
    }
    try take(names, &state)
    return try await settle(entity, request.side, request.record.id, .settle, &state)
  }

  private func settle(
    _ entity: Entity, _ side: Side, _ id: String, _ mode: Settlement.Mode, _ state: inout State
  ) async throws(Stop) -> Plan {
    let mark = "\(entity.name) \(side.rawValue) \(id)"
    state.open.append(mark)
    defer { state.open.removeLast() }
    var run = Settlement(blueprint, entity: entity, from: side, id: id, mode: mode, today: now().date)
    var looks = 0
    while true {
      switch run.next() {
      case .fetch(let needs):
        for need in needs { run.answer(need, try await fetch(need, &state)) }
      case .write(let planned):
        guard let plan = run.plans.last else { continue }
        // Another run may have written what this one has read before both knew that it is one pair.
        if try take(Side.allCases.compactMap { side in plan.record(side).map { Self.name(side, $0.id) } }, &state) {
          run.lookAgain()
          continue
        }
        state.journal.decided(plan)
        do throws(Stop) {
          run.wrote(planned, as: try await write(planned, &state))
        } catch {
          guard Self.deservesALook(error, planned), looks < Self.maximumLooks else {
            await show(error, on: run, &state)
            throw Self.patient(error, planned)
          }
          looks += 1
          if case .failed(.unknown) = error.cause { state.journal.mayHaveWritten() }
          state.journal.note("looking again: \(Self.reason(error)?.description ?? "")")
          run.lookAgain()
        }
      case .remember(let salesforce, let netsuite, let agreed):
        await remember(entity, salesforce, netsuite, agreed, &state)
      case .finished(let plan):
        state.journal.decided(plan)
        await remember(plan)
        return plan
      }
    }
  }

  // MARK: Reading

  private func fetch(_ need: Need, _ state: inout State) async throws(Stop) -> Answer {
    switch need {
    case .record(let side, let connection, let types, let id, let shape):
      for type in try connections.connector(connection).typesToRead(types) {
        let record = try await connections.call(connection) { connector throws(Failure) in
          try await connector.read(RecordID(type: type, id: id), shape)
        }
        guard let record, Self.isOne(of: types, record) else { continue }
        state.journal.read(side, record, asked: id)
        return .record(record)
      }
      state.journal.read(side, nil, asked: id)
      return .record(nil)
    case .find(let side, let connection, let types, let fields, let limit, let shape):
      var records: [Record] = []
      for type in try connections.connector(connection).typesToRead(types) where records.count < limit {
        let found = try await connections.call(connection) { connector throws(Failure) in
          try await connector.find(type, where: fields, limit: limit - records.count, shape)
        }
        records += found.filter { Self.isOne(of: types, $0) }
      }
      for record in records { state.journal.read(side, record, asked: record.id.id) }
      return .records(records)
    case .rows(let side, let connection, let query, let parameters):
      let rows = try await connections.call(connection) { connector throws(Failure) in
        try await connector.query(query, parameters)
      }
      state.journal.rows(side, query, rows)
      return .rows(rows)
    case .partner(let name, let side, let id, let mayWrite, let mayCreate):
      return .partner(try await partner(name, side, id, mayWrite, mayCreate, &state))
    case .agreed(let entity, let salesforce, _):
      return .agreed(await agreed(entity, salesforce))
    }
  }

  private static func isOne(of types: [String], _ record: Record) -> Bool {
    types.contains { $0.lowercased() == record.id.type.lowercased() }
  }

  /// The partner of another entity's record, made first where that is allowed.
  private func partner(
    _ name: String, _ side: Side, _ id: String, _ mayWrite: Bool, _ mayCreate: Bool, _ state: inout State
  ) async throws(Stop) -> Partner {
    guard let entity = blueprint.entity(name), !state.open.contains("\(name) \(side.rawValue) \(id)"),
      state.open.count < Self.maximumDepth
    else {
      let sentence = "the record {0} of {1} leads back to itself, or too far"
      return Partner(id: nil, reason: Reason("reference-circular", .reference, sentence, quoted: [id, name]))
    }
    if mayWrite { try take([Self.name(side, id)], &state) }
    let mode = Settlement.Mode.partner(mayWrite: mayWrite, mayCreate: mayCreate)
    do {
      let partner = try await settle(entity, side, id, mode, &state).partner(of: side)
      if partner.id != nil { state.settled.insert(id) }
      return partner
    } catch {
      // That the other record cannot be written is no fault of this one, which waits until it can.
      switch error.cause {
      case .failed(.never(let reason)), .failed(.held(let reason)): return Partner(id: nil, reason: reason)
      case .failed(.later), .failed(.unknown), .busy: throw error
      }
    }
  }

  // MARK: Writing

  private func write(_ planned: PlannedWrite, _ state: inout State) async throws(Stop) -> RecordID {
    if planned.isCreate || planned.makesElements {
      do {
        try await intend("write \(planned.connection) \(planned.write.type) \(planned.write.target.name)")
      } catch {
        let reason = Reason("intent-not-stored", .unavailable, "the intent to write could not be stored")
        throw Stop(.later(after: nil, .destination, reason), at: nil)
      }
    }
    state.journal.willWrite(planned)
    let record = try await connections.call(planned.connection) { connector throws(Failure) in
      try await connector.write(planned.write)
    }
    state.journal.wrote(planned, record)
    if planned.isCreate { state.made.insert(Self.name(planned.side, record.id)) }
    return record
  }

  /// Whether reading afresh can tell what became of a write. New elements of a list carry no key that a repeat would be
  /// refused by, and the request may still be under way: that waits for the next attempt.
  private static func deservesALook(_ stop: Stop, _ planned: PlannedWrite) -> Bool {
    guard case .failed(let failure) = stop.cause else { return false }
    switch failure {
    case .never(let reason): return reason.code == "external-id-taken"
    case .unknown: return planned.isCreate || !planned.makesElements
    case .later, .held: return false
    }
  }

  /// New elements that were sent and not answered may still be on their way into the record, and nothing would refuse
  /// them a second time: the next attempt leaves them the time to arrive.
  private static func patient(_ stop: Stop, _ planned: PlannedWrite) -> Stop {
    guard case .failed(.unknown(let reason)) = stop.cause, !planned.isCreate, planned.makesElements else { return stop }
    return Stop(.later(after: arrival, .event, reason), at: stop.connection)
  }

  /// Seconds that an unanswered request is given to arrive.
  private static let arrival: Int64 = 120

  /// Shows on the Salesforce record why nothing more happens, where the entity has a place for it.
  private func show(_ stop: Stop, on run: Settlement, _ state: inout State) async {
    guard case .failed(let failure) = stop.cause else { return }
    switch failure {
    case .later, .unknown: return
    case .never(let reason), .held(let reason):
      guard let stamp = run.stamp(reason) else { return }
      do throws(Stop) {
        _ = try await write(stamp, &state)
      } catch {
        state.journal.note("the reason could not be shown on the record: \(Self.reason(error)?.description ?? "busy")")
      }
    }
  }

  static func reason(_ stop: Stop) -> Reason? {
    if case .failed(let failure) = stop.cause { failure.reason } else { nil }
  }

  // MARK: Memory

  private func agreed(_ entity: String, _ salesforce: String) async -> [AgreedKey: Agreed] {
    // Without its memory a run writes once more what is stored already, and finds it the same.
    let known = (try? await ledger.agreed(entity: entity, pair: salesforce)) ?? []
    var agreed: [AgreedKey: Agreed] = [:]
    for agreement in known {
      guard case .text(let wanted) = agreement.wanted, case .text(let stored) = agreement.stored else { continue }
      agreed[AgreedKey(agreement.side, agreement.field)] = Agreed(wanted: wanted, stored: stored)
    }
    return agreed
  }

  private func remember(
    _ entity: Entity, _ salesforce: String, _ netsuite: String, _ agreed: [AgreedKey: Agreed], _ state: inout State
  ) async {
    let agreements = agreed.map { key, value in
      Agreement(side: key.side, field: key.path, wanted: .text(value.wanted), stored: .text(value.stored))
    }
    do throws(LedgerError) {
      try await ledger.remember(agreements, entity: entity.name, pair: salesforce)
    } catch {
      state.journal.note("what was stored could not be remembered: \(error)")
    }
  }

  private func remember(_ plan: Plan) async {
    guard plan.isLinked, let salesforce = plan.salesforce?.id, let netsuite = plan.netsuite?.id else { return }
    // A hint for lanes; the link itself is in the two systems.
    if let known = try? await ledger.link(entity: plan.entity, side: .salesforce, id: salesforce),
      known.netsuite == netsuite
    {
      return
    }
    try? await ledger.link(Link(entity: plan.entity, salesforce: salesforce, netsuite: netsuite, since: now()))
  }

  // MARK: Locks

  private static func name(_ side: Side, _ id: String) -> String { "\(side.rawValue) \(id)" }

  /// True where something was taken that this run did not have before.
  @discardableResult
  private func take(_ names: [String], _ state: inout State) throws(Stop) -> Bool {
    let missing = names.filter { !state.held.contains($0) && !state.made.contains($0) }
    if missing.isEmpty { return false }
    guard locks.acquire(missing) else { throw Stop.busy }
    state.held.formUnion(missing)
    return true
  }
}

extension PlannedWrite {
  /// Whether it adds elements to a list of a record that is there.
  fileprivate var makesElements: Bool {
    !isCreate && write.lists.contains { $0.elements.contains { $0.key == nil } }
  }
}

extension RecordWrite.Target {
  fileprivate var name: String {
    switch self {
    case .create(_, let externalID): externalID
    case .update(let id): id
    }
  }
}
