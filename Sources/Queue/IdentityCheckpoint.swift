// What a checkpoint holds of the identities: those that are in no run yet.
//
//   identities = count of parts u32, part*
//   part       = first and last sequence of its range u64 u64 · time of its oldest and of its newest entry i64 i64 · time of
//                the newest entry of all before the range i64 · number of entries u32 · entry* (as in a run)

extension DuplicateMemory {
  /// All that is in memory only; the state knows all up to `sequence`.
  func unwritten(through sequence: UInt64) -> [FrozenIdentities] {
    if sequence < first { return frozen }
    let current = FrozenIdentities(
      table: table, first: first, last: sequence, oldest: oldest, newest: newest, newestBefore: newestBefore)
    return frozen + [current]
  }

  /// Takes in what a checkpoint holds, after `begin` and before the log is read from the checkpoint's place on. What runs
  /// cover since is left out. `gaps` then says which ranges before that place have to be read again, where the log has
  /// them.
  mutating func restore(_ parts: [FrozenIdentities]) {
    var before: FrozenIdentities?
    for part in parts {
      if part.last < first {
        part.table.forEach { fill($0, at: part.newest) }
        continue
      }
      if let before { freeze(through: before.last, at: newest) }
      if part.first > first {
        gaps.append(IdentityGap(first: first, last: part.first - 1, newest: part.newestBefore))
        first = part.first
      }
      part.table.forEach { entry in
        if entry.sequence >= first { table.insert(entry) }
      }
      (oldest, newest) = (part.oldest, part.newest)
      newestBefore = max(newestBefore, part.newestBefore)
      before = part
    }
  }

  /// Something of the window is in no run and no checkpoint, but in the log, whose first sequence is `begin`.
  func needsLog(from begin: UInt64, at time: Int64) -> Bool {
    gaps.contains { $0.last >= begin && $0.newest >= time - window }
  }
}

extension [FrozenIdentities] {
  func encode(into bytes: inout [UInt8]) {
    bytes.put(UInt32(count))
    for part in self {
      bytes.put(part.first)
      bytes.put(part.last)
      bytes.put(part.oldest)
      bytes.put(part.newest)
      bytes.put(part.newestBefore)
      bytes.put(UInt32(part.table.count))
      part.table.forEach { entry in
        bytes.put(entry.id)
        bytes.put(entry.body)
        bytes.put(entry.sequence)
      }
    }
  }

  /// Nil where this is no such part of a checkpoint.
  init?(_ reader: inout PayloadReader) {
    guard let count = reader.number(UInt32.self) else { return nil }
    var parts: Self = []
    for _ in 0..<count {
      guard let first = reader.number(UInt64.self), let last = reader.number(UInt64.self),
        let oldest = reader.number(Int64.self), let newest = reader.number(Int64.self),
        let newestBefore = reader.number(Int64.self), let entries = reader.number(UInt32.self), first <= last
      else { return nil }
      var table = IdentityTable()
      for _ in 0..<entries {
        guard let id = reader.number(UInt64.self), let body = reader.number(UInt64.self),
          let sequence = reader.number(UInt64.self), sequence != 0
        else { return nil }
        table.insert(Identity(id: id, body: body, sequence: sequence))
      }
      parts.append(
        FrozenIdentities(
          table: table, first: first, last: last, oldest: oldest, newest: newest, newestBefore: newestBefore))
    }
    self = parts
  }
}
