/// The numbers of lanes by their hashes: open addressing with linear probing, four bytes a place. A dictionary would take
/// five times as much.
///
/// A place holds, from its lowest bit, a number plus one (0: nothing), how far it is behind where it would be, and some of
/// the hash: the slot of a lane is far away in memory, and hardly ever looked at in vain.
struct LaneIndex {
  /// A power of two, and larger than any number plus one.
  private var places: [UInt32] = []
  private var numberBits: UInt32 = 0
  private var distanceBits: UInt32 = 0

  private var mask: Int { places.count - 1 }
  private var numberMask: UInt32 { 1 << numberBits - 1 }
  /// Stands for all that are as far, and farther.
  private var farthest: Int { 1 << distanceBits - 1 }

  func home(_ hash: LaneHash) -> Int { Int(truncatingIfNeeded: hash.low) & mask }

  /// What a place holds beside the number.
  private func label(_ hash: LaneHash, distance: Int) -> UInt32 {
    let distance = UInt32(truncatingIfNeeded: min(distance, farthest))
    return (UInt32(truncatingIfNeeded: hash.high) << distanceBits | distance) << numberBits
  }

  /// `hash`: of the lane with a number.
  @inline(__always)
  func number(of wanted: LaneHash, _ hash: (UInt32) -> LaneHash) -> UInt32? {
    place(of: wanted, hash).map { places[$0] & numberMask - 1 }
  }

  @inline(__always)
  private func place(of wanted: LaneHash, _ hash: (UInt32) -> LaneHash) -> Int? {
    if places.isEmpty { return nil }
    var place = home(wanted)
    var distance = 0
    while places[place] != 0 {
      let number = places[place] & numberMask
      if places[place] == label(wanted, distance: distance) | number, hash(number - 1) == wanted { return place }
      place = (place + 1) & mask
      distance += 1
    }
    return nil
  }

  func hasRoom(for number: UInt32) -> Bool { (Int(number) + 1) * 4 <= places.count * 3 }

  /// Of a lane that is not in it, where there is room for its number.
  mutating func insert(_ number: UInt32, _ hash: LaneHash) {
    var place = home(hash)
    var distance = 0
    while places[place] != 0 {
      place = (place + 1) & mask
      distance += 1
    }
    places[place] = label(hash, distance: distance) | (number + 1)
  }

  /// Makes room for numbers below `limit`.
  mutating func grow(for limit: Int, _ hash: (UInt32) -> LaneHash) {
    var size = max(64, places.count)
    while limit * 4 > size * 3 { size *= 2 }
    guard size > places.count else { return }
    let old = places.compactMap { $0 == 0 ? nil : $0 & numberMask - 1 }
    places = Array(repeating: 0, count: size)
    numberBits = UInt32(size.trailingZeroBitCount)
    distanceBits = min(5, 32 - numberBits)
    for number in old { insert(number, hash(number)) }
  }

  /// Closes the gap, so that whoever stands behind it is still found.
  mutating func remove(_ wanted: LaneHash, _ hash: (UInt32) -> LaneHash) {
    guard var hole = place(of: wanted, hash) else { return }
    var next = (hole + 1) & mask
    while places[next] != 0 {
      let number = places[next] & numberMask
      let gap = (next - hole) & mask
      var distance = Int(places[next] >> numberBits) & farthest
      let isFar = distance == farthest
      if isFar { distance = (next - home(hash(number - 1))) & mask }
      if distance >= gap {
        let before = UInt32(truncatingIfNeeded: min(distance - gap, farthest))
        let tag = places[next] >> (numberBits + distanceBits)
        places[hole] = (tag << distanceBits | before) << numberBits | number
        hole = next
      }
      next = (next + 1) & mask
    }
    places[hole] = 0
  }
}
