/// Header fields in the order they came, duplicates included (RFC 9110 5). Names compare ignoring case.
///
/// All names and values lie in one array of octets, and an entry holds offsets into it: a parsed head is one copy of
/// its octets, and a `String` is made only for a field that somebody asks for.
public struct Fields: Sendable {
  struct Entry: Sendable {
    var nameStart: UInt32
    var nameEnd: UInt32
    var valueStart: UInt32
    var valueEnd: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    init(name: Range<Int>, value: Range<Int>) {
      nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
      nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
      valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
      valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    }
  }

  private(set) var storage: [UInt8]
  private(set) var entries: [Entry]

  public init() {
    storage = []
    entries = []
  }

  init(storage: [UInt8], entries: [Entry]) {
    self.storage = storage
    self.entries = entries
  }

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  /// The first value of that name. Setting replaces all fields of the name by one; nil removes them.
  public subscript(_ name: String) -> String? {
    get {
      guard let entry = firstEntry(name) else { return nil }
      return text(entry.value)
    }
    set {
      remove(name)
      if let newValue { append(name, newValue) }
    }
  }

  /// Every value of that name, in order.
  public func values(_ name: String) -> [String] {
    entries.filter { isNamed($0, name) }.map { text($0.value) }
  }

  /// The octets of the first value of that name, as they came: for values that need not be UTF-8.
  public func bytes(_ name: String) -> ArraySlice<UInt8>? {
    firstEntry(name).map { storage[$0.value] }
  }

  /// How many fields have that name.
  public func count(of name: String) -> Int { entries.count { isNamed($0, name) } }

  public func contains(_ name: String) -> Bool { firstEntry(name) != nil }

  /// Adds a field behind the others. `ResponseWriter` refuses what is not a valid field; see `isValid`.
  public mutating func append(_ name: String, _ value: String) {
    let start = storage.count
    storage.append(contentsOf: name.utf8)
    let middle = storage.count
    storage.append(contentsOf: value.utf8)
    entries.append(Entry(name: start..<middle, value: middle..<storage.count))
  }

  public mutating func remove(_ name: String) {
    entries = entries.filter { !isNamed($0, name) }
  }

  /// Whether every name is a token and every value free of controls and of blanks at its ends, so that written out it
  /// reads back as the same fields.
  public var isValid: Bool {
    storage.withUnsafeBytes { bytes in
      entries.allSatisfy { entry in
        !entry.name.isEmpty && bytes[entry.name].allSatisfy(Octets.isToken)
          && bytes.firstControl(from: entry.value.lowerBound, to: entry.value.upperBound) == nil
          && bytes.trimmed(entry.value) == entry.value
      }
    }
  }

  /// The same for one field, before it is appended.
  public static func isValid(name: String, value: String) -> Bool {
    var fields = Fields()
    fields.append(name, value)
    return fields.isValid
  }

  private func firstEntry(_ name: String) -> Entry? {
    entries.first { isNamed($0, name) }
  }

  func isNamed(_ entry: Entry, _ name: String) -> Bool {
    guard Int(entry.nameEnd - entry.nameStart) == name.utf8.count else { return false }
    var index = Int(entry.nameStart)
    for octet in name.utf8 {
      if Octets.lowercase(storage[index]) != Octets.lowercase(octet) { return false }
      index += 1
    }
    return true
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: storage[range], as: UTF8.self)
  }
}

extension Fields: Sequence {
  public func makeIterator() -> AnyIterator<(name: String, value: String)> {
    var index = 0
    return AnyIterator {
      guard index < entries.count else { return nil }
      defer { index += 1 }
      return (text(entries[index].name), text(entries[index].value))
    }
  }
}

extension Fields: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { append(name, value) }
  }
}

extension Fields: Hashable {
  /// The same fields in the same order; names compare ignoring case, values octet by octet.
  public static func == (left: Fields, right: Fields) -> Bool {
    guard left.entries.count == right.entries.count else { return false }
    return zip(left.entries, right.entries).allSatisfy { one, other in
      left.storage[one.name].elementsEqual(right.storage[other.name]) {
        Octets.lowercase($0) == Octets.lowercase($1)
      } && left.storage[one.value].elementsEqual(right.storage[other.value])
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(entries.count)
    for entry in entries {
      for octet in storage[entry.name] { hasher.combine(Octets.lowercase(octet)) }
      for octet in storage[entry.value] { hasher.combine(octet) }
    }
  }
}
