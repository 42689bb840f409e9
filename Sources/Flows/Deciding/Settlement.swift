import Events
import Formats

/// One run over one pair, as a value: it says what to do next, the caller does it and tells.
///
///     var run = Settlement(blueprint, entity: …, from: .salesforce, id: …, today: …)
///     while true {
///       switch run.next() {
///       case .fetch(let needs): for need in needs { run.answer(need, …) }
///       case .write(let planned): run.wrote(planned, as: …)
///       case .remember(let salesforce, let netsuite, let agreed): …
///       case .finished(let plan): return plan
///       }
///     }
///
/// After a write that was refused because its external id is taken, and after one that was not answered, call
/// `lookAgain`: both sides are read afresh and decided anew, so what did arrive is found and not written twice.
public struct Settlement: Sendable {
  public enum Mode: Sendable, Hashable {
    /// Everything the entity says.
    case settle
    /// Only to find a record's partner: finished as soon as a link is found. Without `mayWrite` nothing is written;
    /// without `mayCreate` nothing is made.
    case partner(mayWrite: Bool, mayCreate: Bool)
  }

  public enum Step: Sendable {
    case fetch([Need])
    case write(PlannedWrite)
    /// Keep these for the pair, over what is kept of the same places.
    case remember(salesforce: String, netsuite: String, [AgreedKey: Agreed])
    case finished(Plan)
  }

  /// Writes of one run: link, create, fields, stamps, and one more for what an automation changed meanwhile.
  static let maximumWrites = 8

  /// Every plan that led to a write, and the last one.
  public private(set) var plans: [Plan] = []
  /// What was written, oldest first.
  public private(set) var writes: [PlannedWrite] = []
  private let decider: Decider
  private var facts: Facts
  private var unread: [(write: PlannedWrite, id: String)] = []

  /// - Parameter id: of the record that the run begins with; its type may be any of the entity's on that side.
  public init(
    _ blueprint: Blueprint, entity: Entity, from side: Side, id: String, mode: Mode = .settle, today: CalendarDate
  ) {
    decider = Decider(blueprint, entity: entity, from: side, id: id, mode: mode)
    facts = Facts(today: today)
  }

  public mutating func answer(_ need: Need, _ answer: Answer) { facts[need] = answer }

  public mutating func next() -> Step {
    if let step = readBack() { return step }
    switch decider.decide(facts) {
    case .needs(let needs): return .fetch(needs)
    case .settled(let plan):
      plans.append(plan)
      guard let write = plan.write else { return .finished(plan) }
      guard writes.count < Self.maximumWrites else { return .finished(unsettled(plan)) }
      return .write(write)
    }
  }

  /// Tells that a write was done, and which record it made or changed.
  public mutating func wrote(_ write: PlannedWrite, as id: RecordID) {
    writes.append(write)
    if write.isCreate { facts.made[write.side] = id }
    unread.append((write, id.id))
    facts.forget(write.side)
  }

  /// Drops all that was read.
  public mutating func lookAgain() {
    facts = Facts(today: facts.today)
    unread = []
  }

  /// The write that shows on the record why the run ended without success; nil where nothing is stamped, or it shows
  /// already. `reason` is the connector's.
  public func stamp(_ reason: Reason) -> PlannedWrite? {
    let record = plans.last?.salesforce ?? (decider.start == .salesforce ? decider.startRecord(facts)?.id : nil)
    guard let record, let read = facts.record(.salesforce, id: record.id) else { return nil }
    return decider.stampWrite(of: read, state: .held(reason))
  }

  /// Compares what was written with what is read afterwards, once it is read.
  private mutating func readBack() -> Step? {
    for (index, entry) in unread.enumerated() {
      guard let record = facts.record(entry.write.side, id: entry.id) else { continue }
      unread.remove(at: index)
      let found = decider.agreements(entry.write, readBack: record)
      guard !found.isEmpty, let pair = pair(of: entry) else { return readBack() }
      facts.agreed.merge(found) { _, new in new }
      return .remember(salesforce: pair.salesforce, netsuite: pair.netsuite, found)
    }
    return nil
  }

  private func pair(of entry: (write: PlannedWrite, id: String)) -> (salesforce: String, netsuite: String)? {
    let other = plans.last?.record(entry.write.side.other)?.id
    guard let other else { return nil }
    return entry.write.side == .salesforce ? (entry.id, other) : (other, entry.id)
  }

  private func unsettled(_ plan: Plan) -> Plan {
    var plan = plan
    let names = plan.fields.filter { $0.verdict == .write }.map(\.field).joined(separator: ", ")
    plan.outcome = .held([
      Reason(
        "does-not-settle", .conflict,
        "the same fields differ after every write (\(names)): something in \(plan.write?.side.title ?? "a system") changes them back",
        side: plan.write?.side, record: plan.write.flatMap { plan.record($0.side) })
    ])
    plan.write = nil
    return plan
  }
}

extension Side {
  /// As people write it.
  var title: String { self == .salesforce ? "Salesforce" : "NetSuite" }
}
