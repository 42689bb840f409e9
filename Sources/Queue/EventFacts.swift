import Events

extension EventFacts {
  /// Reads what the state keeps from an event's encoded form; only a run's flow is made into text.
  init?(_ payload: UnsafeRawBufferPointer, sequence: UInt64, place: Place) {
    guard let parts = EventParts(payload) else { return nil }
    let system = payload[0]
    self.sequence = sequence
    self.place = place
    identity = Identity(
      id: keyedHash(1, system, parts.account, parts.id),
      body: UInt64(payload.get(16, UInt32.self)) << 32 | UInt64(payload.get(20, UInt32.self)), sequence: sequence)
    lane = LaneHash(system, parts.account, parts.key)
    source = SourceHash(system, parts.account)
    receivedAt = payload.get(8, Int64.self) &* 1000 &+ Int64(payload.get(4, Int32.self)) / 1_000_000
    isBulk = payload[3] & EventCoding.bulk != 0
    isConflicting = payload[3] & EventCoding.conflicting != 0
    flow = payload[1] == EventCoding.code(.run) ? String(decoding: parts.subject, as: UTF8.self) : nil
  }
}

extension LaneHash {
  init(_ system: UInt8, _ account: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer) {
    self.init(high: keyedHash(2, system, account, key), low: keyedHash(3, system, account, key))
  }

  init(_ lane: Lane) {
    let (account, key) = (Array(lane.system.account.utf8), Array(lane.key.utf8))
    let kind = EventCoding.code(lane.system.kind)
    self = account.withUnsafeBytes { account in key.withUnsafeBytes { LaneHash(kind, account, $0) } }
  }
}

extension SourceHash {
  init(_ system: UInt8, _ account: UnsafeRawBufferPointer) {
    self.init(hash: keyedHash(4, system, account, UnsafeRawBufferPointer(start: nil, count: 0)))
  }

  init(_ system: System) {
    let kind = EventCoding.code(system.kind)
    self = Array(system.account.utf8).withUnsafeBytes { SourceHash(kind, $0) }
  }
}

/// SipHash with this process's key.
private func keyedHash(
  _ purpose: UInt8, _ system: UInt8, _ account: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer
) -> UInt64 {
  var hasher = Hasher()
  hasher.combine(UInt32(purpose) << 24 | UInt32(system) << 16 | UInt32(account.count))
  hasher.combine(bytes: account)
  hasher.combine(bytes: name)
  return UInt64(bitPattern: Int64(hasher.finalize()))
}
