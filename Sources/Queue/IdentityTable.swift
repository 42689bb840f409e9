/// Identities in memory: open addressing with linear probing, 24 bytes a slot.
struct IdentityTable {
  private var slots: [Identity] = []
  private(set) var count = 0

  /// Bytes that it takes.
  var memory: Int { slots.capacity * MemoryLayout<Identity>.stride }

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

  func forEach(_ body: (Identity) -> Void) {
    for identity in slots where identity.sequence != 0 { body(identity) }
  }

  /// In the order of hash and sequence.
  func sorted() -> [Identity] {
    slots.filter { $0.sequence != 0 }.sorted { ($0.id, $0.sequence) < ($1.id, $1.sequence) }
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
