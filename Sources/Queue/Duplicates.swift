/// What is remembered of an event's identity: keyed hashes, so that a sender cannot aim at another's. The key lives as
/// long as the process; the table is made anew from the log.
struct Identity: Equatable {
  /// Of (system, id).
  var id: UInt64
  /// Of the body: its CRC-32C and its length.
  var body: UInt64
  var sequence: UInt64
}

enum Familiarity: Equatable {
  case unknown
  /// The same id with the same body.
  case duplicate(of: UInt64)
  /// The same id with another body.
  case conflicting
}

/// Identities of the last days, in generations, each of which is forgotten as a whole once its youngest is too old.
///
/// A false match needs the same 64-bit hash of the id and the same body: two accidents at once.
struct DuplicateMemory {
  private struct Generation {
    let began: Int64
    var newest: Int64
    var table = IdentityTable()
  }

  /// Milliseconds for which an identity is remembered at least; an eighth more at most.
  let window: Int64
  private var generations: [Generation] = []

  init(window: Int64) { self.window = window }

  var count: Int { generations.reduce(0) { $0 + $1.table.count } }

  func look(_ identity: Identity) -> Familiarity {
    var isKnown = false
    for generation in generations.reversed() {
      switch generation.table.look(identity) {
      case .unknown: continue
      case .conflicting: isKnown = true
      case .duplicate(let sequence): return .duplicate(of: sequence)
      }
    }
    return isKnown ? .conflicting : .unknown
  }

  /// `time` never runs backwards.
  mutating func insert(_ identity: Identity, at time: Int64) {
    if let current = generations.last, time - current.began < max(1, window / 8) {
      generations[generations.count - 1].newest = time
    } else {
      generations.append(Generation(began: time, newest: time))
      generations.removeAll { $0.newest < time - window }
    }
    generations[generations.count - 1].table.insert(identity)
  }
}

/// Open addressing with linear probing, 24 bytes an entry.
struct IdentityTable {
  private var slots: [Identity] = []
  private(set) var count = 0

  func look(_ identity: Identity) -> Familiarity {
    if count == 0 { return .unknown }
    var isKnown = false
    var index = Int(truncatingIfNeeded: identity.id) & (slots.count - 1)
    while slots[index].sequence != 0 {
      if slots[index].id == identity.id {
        if slots[index].body == identity.body { return .duplicate(of: slots[index].sequence) }
        isKnown = true
      }
      index = (index + 1) & (slots.count - 1)
    }
    return isKnown ? .conflicting : .unknown
  }

  mutating func insert(_ identity: Identity) {
    if (count + 1) * 4 > slots.count * 3 { grow() }
    place(identity)
    count += 1
  }

  /// Forgets all and keeps its memory.
  mutating func removeAll() {
    if count == 0 { return }
    for index in slots.indices { slots[index].sequence = 0 }
    count = 0
  }

  private mutating func place(_ identity: Identity) {
    var index = Int(truncatingIfNeeded: identity.id) & (slots.count - 1)
    while slots[index].sequence != 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = identity
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Identity(id: 0, body: 0, sequence: 0), count: max(64, old.count * 2))
    for identity in old where identity.sequence != 0 { place(identity) }
  }
}
