/// The members of a JSON object, in the order they came. No two have the same key.
///
/// Two objects are equal when they hold the same members, in whatever order (RFC 8259 section 4).
public struct JSONObject: Sendable {
  public private(set) var members: [(key: String, value: JSON)] = []
  /// Where each key stands; made only when there are more members than a walk is good for.
  private var index: [String: Int] = [:]

  public init() {}

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var keys: [String] { members.map(\.key) }

  /// Setting nil removes the member; a new one goes to the end.
  public subscript(_ key: String) -> JSON? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil): remove(at: position)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  private static let walkable = 12

  private func position(of key: String) -> Int? {
    if members.count > Self.walkable { return index[key] }
    return members.firstIndex { $0.key == key }
  }

  /// Adds a member whose key is known not to be there.
  mutating func append(_ key: String, _ value: JSON) {
    members.append((key, value))
    if members.count > Self.walkable + 1 {
      index[key] = members.count - 1
    } else if members.count == Self.walkable + 1 {
      rebuildIndex()
    }
  }

  private mutating func remove(at position: Int) {
    members.remove(at: position)
    rebuildIndex()
  }

  private mutating func rebuildIndex() {
    index.removeAll(keepingCapacity: true)
    guard members.count > Self.walkable else { return }
    for (position, member) in members.enumerated() { index[member.key] = position }
  }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    // Order must not count, so the members' own hashes are added up.
    var sum = 0
    for member in members {
      var one = Hasher()
      one.combine(member.key)
      one.combine(member.value)
      sum &+= one.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Of two equal keys the last one counts.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    for (key, value) in elements { self[key] = value }
  }
}
