/// All lanes that have something, by number and by hash.
///
/// In chunks, so that a picture of it can be kept while it goes on changing: a change copies one chunk.
struct LaneTable {
  static let chunkSize = 4096
  private(set) var chunks: [[LaneSlot]] = []
  private var free: [UInt32] = []
  /// Numbers plus one by hash, open addressing; 0: nothing. A dictionary would take five times as much.
  private var index: [UInt32] = []
  private var used = 0

  init() {}

  /// As it was.
  init(chunks: [[LaneSlot]]) {
    self.chunks = chunks
    grow(for: chunks.joined().count { !$0.isEmpty })
    var number: UInt32 = 0
    for slot in chunks.joined() {
      if slot.isEmpty { free.append(number) } else { insert(number) }
      number += 1
    }
  }

  subscript(number: UInt32) -> LaneSlot {
    get { chunks[Int(number) / Self.chunkSize][Int(number) % Self.chunkSize] }
    _modify { yield &chunks[Int(number) / Self.chunkSize][Int(number) % Self.chunkSize] }
  }

  mutating func number(of hash: LaneHash) -> UInt32 {
    if let known = known(hash) { return known }
    let number: UInt32
    if let reused = free.popLast() {
      number = reused
      self[number] = LaneSlot(hash: hash)
    } else {
      if chunks.last.map({ $0.count == Self.chunkSize }) ?? true {
        chunks.append([])
        chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
      }
      number = UInt32((chunks.count - 1) * Self.chunkSize + chunks[chunks.count - 1].count)
      chunks[chunks.count - 1].append(LaneSlot(hash: hash))
    }
    insert(number)
    return number
  }

  /// The lane's slot, where something is left in it.
  func known(_ hash: LaneHash) -> UInt32? {
    guard let place = place(of: hash) else { return nil }
    return index[place] - 1
  }

  /// Lets the slot go where nothing is left in the lane.
  mutating func releaseIfEmpty(_ number: UInt32) {
    guard self[number].isEmpty else { return }
    remove(self[number].hash)
    self[number].stamp = 0
    free.append(number)
  }

  /// Lanes that have a stamp, in the order of the stamps.
  func stamped() -> [UInt32] {
    var found: [UInt64] = []
    found.reserveCapacity(chunks.joined().count { $0.stamp != 0 })
    var number: UInt64 = 0
    for slot in chunks.joined() {
      if slot.stamp != 0 { found.append(UInt64(slot.stamp) << 32 | number) }
      number += 1
    }
    found.sort()
    return found.map { UInt32(truncatingIfNeeded: $0) }
  }

  // MARK: by hash

  private func home(_ hash: LaneHash) -> Int { Int(truncatingIfNeeded: hash.low) & (index.count - 1) }

  private func place(of hash: LaneHash) -> Int? {
    if index.isEmpty { return nil }
    var place = home(hash)
    while index[place] != 0 {
      if self[index[place] - 1].hash == hash { return place }
      place = (place + 1) & (index.count - 1)
    }
    return nil
  }

  private mutating func insert(_ number: UInt32) {
    grow(for: used + 1)
    put(number + 1)
    used += 1
  }

  private mutating func grow(for lanes: Int) {
    var size = max(64, index.count)
    while lanes * 4 > size * 3 { size *= 2 }
    guard size > index.count else { return }
    let old = index
    index = Array(repeating: 0, count: size)
    for other in old where other != 0 { put(other) }
  }

  private mutating func put(_ entry: UInt32) {
    var place = home(self[entry - 1].hash)
    while index[place] != 0 { place = (place + 1) & (index.count - 1) }
    index[place] = entry
  }

  /// Closes the gap, so that whoever stands behind it is still found.
  private mutating func remove(_ hash: LaneHash) {
    guard var hole = place(of: hash) else { return }
    let mask = index.count - 1
    var next = (hole + 1) & mask
    while index[next] != 0 {
      let distance = (next - home(self[index[next] - 1].hash)) & mask
      if distance >= (next - hole) & mask {
        index[hole] = index[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    index[hole] = 0
    used -= 1
  }
}
