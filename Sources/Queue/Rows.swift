import Events

/// Where a record is: the segment's number in this process, and the offset of the record's frame in it.
struct Place: Hashable, Sendable {
  var segment: UInt32
  var offset: UInt32

  static let none = Place(segment: .max, offset: .max)

  func advanced(by bytes: Int) -> Place { Place(segment: segment, offset: offset + UInt32(bytes)) }
}

/// What is kept in memory of one event: its payload stays on disk.
struct Row {
  let sequence: UInt64
  /// Where its record is.
  var place: Place
  /// The record that gave it its state, where its reason and due time are.
  var reason = Place.none
  /// The event behind it in its lane; 0: none, or in no lane's queue.
  var next: UInt64 = 0
  /// Milliseconds since 1970.
  var receivedAt: Int64
  /// Its lane's slot. An event that is done or dropped has none.
  var lane: UInt32
  /// The number of its flow or of the system that sent it; see `FlowNumbers`.
  let flow: UInt16
  var attempts: UInt16 = 0
  /// Milliseconds that its own failures made it wait.
  var waited: UInt32 = 0
  /// How often in a row the process ended while it was leased alone, or as the one suspect.
  var deaths: UInt8 = 0
  var state = RowState.queued
  var marks: RowMarks

  /// It was leased, among others, when the process ended: it may be why.
  var isSuspect: Bool { marks.contains(.suspect) }
  var isBulk: Bool { marks.contains(.bulk) }

  /// As it is once a lease of it began.
  var leased: Row {
    var row = self
    row.state = .leased
    row.attempts = attempts == .max ? .max : attempts + 1
    return row
  }
}

struct RowMarks: OptionSet {
  let rawValue: UInt8
  static let conflicting = RowMarks(rawValue: 1)
  static let suspect = RowMarks(rawValue: 2)
  static let bulk = RowMarks(rawValue: 4)
  /// What it waits for now is in `waited`.
  static let charged = RowMarks(rawValue: 8)

  mutating func set(_ mark: RowMarks, _ isSet: Bool) {
    if isSet { insert(mark) } else { remove(mark) }
  }
}

enum RowState: UInt8 {
  case queued, leased, retrying, held, done, dead, dropped

  var eventState: EventState {
    switch self {
    case .queued: .queued
    case .leased: .leased
    case .retrying: .retrying
    case .held: .held
    case .done: .done
    case .dead: .dead
    case .dropped: .dropped
    }
  }

  /// Waits for a worker, or is with one.
  var isPending: Bool { self == .queued || self == .leased || self == .retrying }
}

/// All rows by sequence, in chunks: growth copies little, and the oldest can be let go.
struct RowTable: Sendable {
  static let chunkSize = 4096
  private(set) var chunks: [[Row]] = []
  /// Each chunk's first sequence: what is looked for is found without looking into the chunks on the way.
  private var firsts: [UInt64] = []

  init(chunks: [[Row]] = []) {
    self.chunks = chunks
    findFirsts()
  }

  private mutating func findFirsts() { firsts = chunks.map { $0.first?.sequence ?? .max } }

  var isEmpty: Bool { chunks.isEmpty }
  var last: UInt64 { chunks.last?.last?.sequence ?? 0 }

  mutating func append(_ row: Row) {
    if chunks.isEmpty || chunks[chunks.count - 1].count == Self.chunkSize {
      chunks.append([])
      chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
      firsts.append(row.sequence)
    }
    chunks[chunks.count - 1].append(row)
  }

  subscript(sequence: UInt64) -> Row? {
    guard let (chunk, index) = find(sequence) else { return nil }
    return chunks[chunk][index]
  }

  /// Changes a row in place; false where there is none.
  @discardableResult
  mutating func update(_ sequence: UInt64, _ change: (inout Row) -> Void) -> Bool {
    guard let (chunk, index) = find(sequence) else { return false }
    change(&chunks[chunk][index])
    return true
  }

  /// Lets those before a sequence go that are not needed.
  mutating func removeAll(before sequence: UInt64, where isNotNeeded: (Row) -> Bool) {
    var kept: [Row] = []
    var whole = 0
    while whole < chunks.count, let last = chunks[whole].last, last.sequence < sequence {
      for row in chunks[whole] where !isNotNeeded(row) { kept.append(row) }
      whole += 1
    }
    if whole < chunks.count { chunks[whole].removeAll { $0.sequence < sequence && isNotNeeded($0) } }
    if whole < chunks.count, chunks[whole].isEmpty { chunks.remove(at: whole) }
    chunks.replaceSubrange(..<whole, with: Self.chunked(kept))
    findFirsts()
  }

  private static func chunked(_ rows: [Row]) -> [[Row]] {
    stride(from: 0, to: rows.count, by: chunkSize).map { Array(rows[$0..<min(rows.count, $0 + chunkSize)]) }
  }

  /// Puts a row where its sequence belongs.
  mutating func insert(_ row: Row) {
    let chunk = firstChunk(notBefore: row.sequence)
    if chunk == chunks.count { return append(row) }
    chunks[chunk].insert(row, at: firstIndex(chunk, after: row.sequence))
    firsts[chunk] = min(firsts[chunk], row.sequence)
  }

  /// Calls with each row after `sequence`, in order, until it returns false.
  func forEach(after sequence: UInt64, _ body: (Row) -> Bool) {
    var chunk = firstChunk(notBefore: sequence)
    var index = chunk < chunks.count ? firstIndex(chunk, after: sequence) : 0
    while chunk < chunks.count {
      while index < chunks[chunk].count {
        if !body(chunks[chunk][index]) { return }
        index += 1
      }
      chunk += 1
      index = 0
    }
  }

  private func find(_ sequence: UInt64) -> (Int, Int)? {
    let chunk = chunksBegun(by: sequence) - 1
    guard chunk >= 0, sequence > 0 else { return nil }
    let index = firstIndex(chunk, after: sequence - 1)
    guard index < chunks[chunk].count, chunks[chunk][index].sequence == sequence else { return nil }
    return (chunk, index)
  }

  /// How many chunks begin at or before the sequence.
  private func chunksBegun(by sequence: UInt64) -> Int {
    firsts.withUnsafeBufferPointer { firsts in Self.first(of: firsts.count, above: sequence) { firsts[$0] } }
  }

  /// The first chunk whose last row is at or after the sequence.
  private func firstChunk(notBefore sequence: UInt64) -> Int {
    let begun = chunksBegun(by: sequence)
    guard begun > 0, let last = chunks[begun - 1].last?.sequence else { return 0 }
    return last >= sequence ? begun - 1 : begun
  }

  private func firstIndex(_ chunk: Int, after sequence: UInt64) -> Int {
    chunks[chunk].withUnsafeBufferPointer { rows in
      Self.first(of: rows.count, above: sequence) { rows[$0].sequence }
    }
  }

  /// The first of ascending numbers that is above a given one; `count` where none is. Sequences are spread about evenly: it
  /// begins where the number would be, and goes on from there in steps that double.
  @inline(__always)
  private static func first(of count: Int, above given: UInt64, _ number: (Int) -> UInt64) -> Int {
    guard count > 0 else { return 0 }
    let (least, most) = (number(0), number(count - 1))
    if given < least { return 0 }
    if given >= most { return count }
    var low = Int(Double(given - least) / Double(most - least) * Double(count - 1))
    var high = low
    var step = 1
    while low > 0, number(low) > given {
      high = low
      low = max(0, low - step)
      step *= 2
    }
    while number(high) <= given {
      low = high + 1
      high = min(count - 1, high + step)
      step *= 2
    }
    while low < high {
      let middle = (low + high) / 2
      if number(middle) <= given { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
