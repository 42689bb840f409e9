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

  /// The octets of the only value of that name, lent; nil where there is none, and where there are several.
  public func withOnly<Result>(_ name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    guard let place = position(of: name), position(of: name, from: place + 1) == nil else { return nil }
    let value = entries[place].value
    return storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[value])) }
  }

  public func contains(_ name: String) -> Bool { position(of: name) != nil }

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
        !entry.name.isEmpty && bytes.endOfToken(entry.name) == entry.name.upperBound
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

  private func firstEntry(_ name: String) -> Entry? { position(of: name).map { entries[$0] } }

  func isNamed(_ entry: Entry, _ name: String) -> Bool {
    var name = name
    return name.withUTF8 { name in storage.withUnsafeBytes { Self.isNamed(entry, name, $0) } }
  }

  @inline(__always)
  private static func isNamed(
    _ entry: Entry, _ name: UnsafeBufferPointer<UInt8>, _ storage: UnsafeRawBufferPointer
  ) -> Bool {
    guard Int(entry.nameEnd &- entry.nameStart) == name.count else { return false }
    let start = Int(entry.nameStart)
    for place in 0..<name.count where Octets.lowercase(storage[start &+ place]) != Octets.lowercase(name[place]) {
      return false
    }
    return true
  }

  /// The first field of that name from `start` on.
  private func position(of name: String, from start: Int = 0) -> Int? {
    var name = name
    return name.withUTF8 { name in
      storage.withUnsafeBytes { storage in
        entries.withUnsafeBufferPointer { entries in
          var place = start
          while place < entries.count {
            if Self.isNamed(entries[place], name, storage) { return place }
            place += 1
          }
          return nil
        }
      }
    }
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
