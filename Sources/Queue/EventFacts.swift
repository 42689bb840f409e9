import Events

extension EventFacts {
  /// Reads what the state keeps from an event's encoded form; only a run's flow is made into text.
  init?(_ content: RecordPayload, _ sequence: UInt64, _ place: Place, _ key: IdentityKey) {
    guard let parts = EventParts(content) else { return nil }
    let payload = content.bytes
    let system = payload[0]
    self.sequence = sequence
    self.place = place
    identity = Identity(
      id: Self.identityHash(system, parts.account, parts.id, key),
      body: UInt64(payload.get(16, UInt32.self)) << 32 | UInt64(payload.get(20, UInt32.self)), sequence: sequence)
    lane = LaneHash(system, parts.account, parts.key, key)
    source = SourceHash(system, parts.account, key)
    receivedAt = payload.get(8, Int64.self) &* 1000 &+ Int64(payload.get(4, Int32.self)) / 1_000_000
    isBulk = payload[3] & EventCoding.bulk != 0
    isConflicting = payload[3] & (EventCoding.conflicting | EventCoding.doubtful) != 0
    flow = payload[1] == EventCoding.code(.run) ? String(decoding: parts.subject, as: UTF8.self) : nil
  }

  // What is hashed is part of the format: identity runs and checkpoints keep it. A word first: what the hash is for (1
  // identity, 2 lane, 3 source), the system's code, the account's length; then the account and the name.

  private static func identityHash(
    _ system: UInt8, _ account: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, _ key: IdentityKey
  ) -> UInt64 {
    var hash = SipHash(key)
    hash.begin(with: 1 << 56 | UInt64(system) << 48 | UInt64(account.count))
    hash.combine(account)
    hash.combine(id)
    return hash.finish()
  }
}

extension LaneHash {
  init(
    _ system: UInt8, _ account: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer, _ identityKey: IdentityKey
  ) {
    var hash = SipHash(wide: identityKey)
    hash.begin(with: 2 << 56 | UInt64(system) << 48 | UInt64(account.count))
    hash.combine(account)
    hash.combine(name)
    let (low, high) = hash.finishWide()
    self.init(high: high, low: low)
  }

  init(_ lane: Lane, _ identityKey: IdentityKey) {
    let (account, key) = (Array(lane.system.account.utf8), Array(lane.key.utf8))
    let kind = EventCoding.code(lane.system.kind)
    self = account.withUnsafeBytes { account in key.withUnsafeBytes { LaneHash(kind, account, $0, identityKey) } }
  }
}

extension SourceHash {
  init(_ system: UInt8, _ account: UnsafeRawBufferPointer, _ identityKey: IdentityKey) {
    var hash = SipHash(identityKey)
    hash.begin(with: 3 << 56 | UInt64(system) << 48 | UInt64(account.count))
    hash.combine(account)
    self.init(hash: hash.finish())
  }

  init(_ system: System, _ identityKey: IdentityKey) {
    let kind = EventCoding.code(system.kind)
    self = Array(system.account.utf8).withUnsafeBytes { SourceHash(kind, $0, identityKey) }
  }
}
