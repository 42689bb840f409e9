/// The names that the open objects of a JSON text have so far.
struct JSONNames {
  private var places: [JSONStringPlace] = []
  /// Where the innermost object's begin.
  private var first = 0
  /// The innermost object's names, where there are more of them than a walk is good for.
  private var known: Set<String> = []

  private static let walkable = 12

  /// What `close` needs.
  struct Outer {
    fileprivate var first: Int
    fileprivate var known: Set<String>
  }

  /// An object begins inside of the one before.
  mutating func open() -> Outer {
    defer { first = places.count }
    guard !known.isEmpty else { return Outer(first: first, known: known) }
    var outer = Outer(first: first, known: [])
    swap(&outer.known, &known)
    return outer
  }

  mutating func close(_ outer: Outer) {
    places.removeSubrange(first...)
    first = outer.first
    known = outer.known
  }

  /// False where the innermost object has the name already.
  mutating func insert(_ name: JSONStringPlace, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if places.count - first < Self.walkable {
      for place in first..<places.count where Self.areSame(places[place], name, bytes) { return false }
    } else {
      if known.isEmpty { known = Set(places[first...].map { JSONBuilder.text($0, in: bytes) }) }
      guard known.insert(JSONBuilder.text(name, in: bytes)).inserted else { return false }
    }
    if places.isEmpty { places.reserveCapacity(32) }
    places.append(name)
    return true
  }

  /// Names are the same as people read them; of plain ASCII that is byte by byte.
  private static func areSame(
    _ one: JSONStringPlace, _ other: JSONStringPlace, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    if one.isASCII, other.isASCII, !one.hasEscapes, !other.hasEscapes {
      guard one.end - one.start == other.end - other.start else { return false }
      for offset in 0..<(one.end - one.start) where bytes[one.start + offset] != bytes[other.start + offset] {
        return false
      }
      return true
    }
    return JSONBuilder.text(one, in: bytes) == JSONBuilder.text(other, in: bytes)
  }
}
