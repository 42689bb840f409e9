import Events

/// Where a record is: the segment's number in this process, and the offset of the record's frame in it.
struct Place: Hashable {
  var segment: UInt32
  var offset: UInt32

  static let none = Place(segment: .max, offset: .max)

  func advanced(by bytes: Int) -> Place { Place(segment: segment, offset: offset + UInt32(bytes)) }
}

/// What is kept in memory of one event: its payload stays on disk.
struct Row {
  let sequence: UInt64
  /// Where its record is.
  let place: Place
  /// The record that gave it its state, where its reason and due time are.
  var reason = Place.none
  /// The event behind it in its lane; 0: none, or in no lane's queue.
  var next: UInt64 = 0
  /// Milliseconds since 1970.
  let receivedAt: Int64
  /// Its lane's slot. An event that is done or dropped has none.
  var lane: UInt32
  let flow: UInt16
  var attempts: UInt16 = 0
  /// How often in a row the process ended while it was leased alone, or as the one suspect.
  var deaths: UInt8 = 0
  /// It was leased, among others, when the process ended: it may be why.
  var isSuspect = false
  var state = RowState.queued
  let isConflicting: Bool
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
struct RowTable {
  private static let chunkSize = 4096
  private var chunks: [[Row]] = []

  var isEmpty: Bool { chunks.isEmpty }
  var last: UInt64 { chunks.last?.last?.sequence ?? 0 }

  mutating func append(_ row: Row) {
    if chunks.isEmpty || chunks[chunks.count - 1].count == Self.chunkSize {
      chunks.append([])
      chunks[chunks.count - 1].reserveCapacity(Self.chunkSize)
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
    let chunk = firstChunk(notBefore: sequence)
    guard chunk < chunks.count, sequence > 0 else { return nil }
    let index = firstIndex(chunk, after: sequence - 1)
    guard index < chunks[chunk].count, chunks[chunk][index].sequence == sequence else { return nil }
    return (chunk, index)
  }

  /// The first chunk whose last row is at or after the sequence.
  private func firstChunk(notBefore sequence: UInt64) -> Int {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle][chunks[middle].count - 1].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func firstIndex(_ chunk: Int, after sequence: UInt64) -> Int {
    var low = 0
    var high = chunks[chunk].count
    while low < high {
      let middle = (low + high) / 2
      if chunks[chunk][middle].sequence <= sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
