import Events
import Flows
import Posix

/// Whether any flow could want an event, told from what it is about alone: on the way in, before it is stored.
final class Wanted: Sendable {
  private struct Subject: Hashable {
    let system: System
    let name: String
  }

  private let blueprint: Blueprint
  private let names: [System: String]
  private let known = Lock<[Subject: Bool]>([:])
  /// What senders call things is theirs to choose: no more than this is remembered.
  private static let remembered = 10_000

  init(_ loaded: Loaded) {
    blueprint = loaded.blueprint
    names = Dictionary(
      loaded.settings.connections.map { ($0.system, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  static let reason = Reason("no-flow", .none, "no flow wants it")

  /// Nil where a flow may want it.
  func refusal(_ event: Event) -> Reason? {
    if event.kind == .run { return nil }
    guard let connection = names[event.system] else { return Self.reason }
    let subject = Subject(system: event.system, name: event.subject)
    if let isWanted = known.withLock({ $0[subject] }) { return isWanted ? nil : Self.reason }
    let isWanted = !blueprint.wants(RecordID(type: event.subject, id: event.key), from: connection).isEmpty
    known.withLock { known in
      if known.count < Self.remembered { known[subject] = isWanted }
    }
    return isWanted ? nil : Self.reason
  }
}
