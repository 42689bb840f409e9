/// All lanes that have something, by number and by hash.
///
/// In chunks, so that a picture of it can be kept while it goes on changing: a change copies one chunk.
struct LaneTable {
  static let chunkSize = 4096
  private(set) var chunks: [[LaneSlot]] = []
  private var free: [UInt32] = []
  private var index = LaneIndex()

  init() {}

  /// As it was.
  init(chunks: [[LaneSlot]]) {
    self.chunks = chunks
    growIndex()
    var number: UInt32 = 0
    for slot in chunks.joined() {
      if slot.isEmpty { free.append(number) } else { index.insert(number, slot.hash) }
      number += 1
    }
  }

  private mutating func growIndex() {
    let chunks = chunks
    index.grow(for: chunks.reduce(0) { $0 + $1.count }) { Self.slot($0, in: chunks).hash }
  }

  @inline(__always)
  private static func slot(_ number: UInt32, in chunks: [[LaneSlot]]) -> LaneSlot {
    chunks[Int(number) / chunkSize][Int(number) % chunkSize]
  }

  subscript(number: UInt32) -> LaneSlot {
    get { Self.slot(number, in: chunks) }
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
      if !index.hasRoom(for: number) { growIndex() }
    }
    index.insert(number, hash)
    return number
  }

  /// The lane's slot, where something is left in it.
  func known(_ hash: LaneHash) -> UInt32? {
    index.number(of: hash) { Self.slot($0, in: chunks).hash }
  }

  /// Lets the slot go where nothing is left in the lane.
  mutating func releaseIfEmpty(_ number: UInt32) {
    guard self[number].isEmpty else { return }
    forget(number)
    self[number].stamp = 0
    free.append(number)
  }

  private mutating func forget(_ number: UInt32) {
    let chunks = chunks
    index.remove(Self.slot(number, in: chunks).hash) { Self.slot($0, in: chunks).hash }
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
}
