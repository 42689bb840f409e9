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
    lane = LaneHash(
      high: keyedHash(2, system, parts.account, parts.key), low: keyedHash(3, system, parts.account, parts.key))
    receivedAt = payload.get(8, Int64.self) &* 1000 &+ Int64(payload.get(4, Int32.self)) / 1_000_000
    isConflicting = payload[3] & EventCoding.conflicting != 0
    flow = payload[1] == EventCoding.code(.run) ? String(decoding: parts.subject, as: UTF8.self) : nil
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
