import Events
import Formats
import Posix

/// A thread that reads events back from the segments, so that neither the writer nor a caller waits for a disk.
final class Reader: Sendable {
  private let inbox = Inbox<@Sendable (inout RecordReader) -> Void>()
  private let thread: BlockingThread

  init(_ disk: any Disk, _ folder: String, _ names: SegmentNames, _ keys: EncryptionKeys) throws(Errno) {
    let inbox = inbox
    thread = try BlockingThread(name: "queue-read") {
      var reader = RecordReader(disk, folder, names, keys)
      var jobs: [@Sendable (inout RecordReader) -> Void] = []
      while true {
        inbox.take(into: &jobs, until: nil)
        if jobs.isEmpty { break }
        for job in jobs {
          reader.readAnew()
          job(&reader)
        }
      }
      reader.close()
    }
  }

  /// False once the reader is closed.
  func submit(_ job: @escaping @Sendable (inout RecordReader) -> Void) -> Bool { inbox.put(job) }

  /// Runs what waits, then ends.
  func close() {
    for job in inbox.close() {
      var reader = RecordReader.closed
      job(&reader)
    }
    thread.join()
  }
}

/// Reads records by their places. Belongs to one thread.
///
/// Where one place follows another, what is behind it is read with it: leases in the order of the log then cost a read
/// for every fifty events of a kilobyte.
struct RecordReader {
  /// What of which segment is in the buffer.
  private struct Part {
    var segment: UInt32
    var start: Int
    var count: Int

    /// Of the buffer, from the place on; nil where it is not in it.
    func range(from place: Place) -> Range<Int>? {
      let offset = Int(place.offset) - start
      return place.segment == segment && offset >= 0 && offset < count ? offset..<count : nil
    }

    /// Whether the place is not far behind it.
    func isFollowed(by place: Place) -> Bool {
      place.segment == segment && (start...(start + count + ahead)).contains(Int(place.offset))
    }
  }

  private static let usual = 4096
  private static let ahead = 64 << 10
  private static let largest = 64 << 20

  private struct Segment {
    let number: UInt32
    let file: DiskFile
    let seed: UInt32
    let cipher: SegmentCipher
  }

  private let disk: (any Disk)?
  private let folder: String
  private let names: SegmentNames
  private let keys: EncryptionKeys?
  private let inflater = Inflater()
  private var open: [Segment] = []
  private var buffer: [UInt8] = []
  private var part: Part?

  init(_ disk: (any Disk)?, _ folder: String, _ names: SegmentNames, _ keys: EncryptionKeys?) {
    self.disk = disk
    self.folder = folder
    self.names = names
    self.keys = keys
  }

  static var closed: RecordReader { RecordReader(nil, "", SegmentNames(), nil) }

  /// What was read before is read again: it may have been overwritten.
  mutating func readAnew() { part = nil }

  /// Closes a segment's file that is about to go.
  mutating func forget(_ number: UInt32) {
    for segment in open where segment.number == number { disk?.close(segment.file) }
    open.removeAll { $0.number == number }
  }

  mutating func close() {
    for segment in open { disk?.close(segment.file) }
    open = []
  }

  /// The row's event with what the queue knows of it.
  mutating func entry(_ row: Row) throws(ReadError) -> Entry {
    let inflater = inflater
    var event = try with(row.place) { frame, payload in
      frame.kind == LogRecord.Kind.erased.rawValue
        ? StoredEvent.erased(row) : StoredEvent.read(frame, payload, inflater)?.event
    }
    event.priority = row.isBulk ? .bulk : .interactive
    let cause = row.reason == .none ? Cause() : try with(row.reason) { Cause($0, $1, of: row.sequence) }
    return Entry(
      sequence: row.sequence, event: event, state: row.state.eventState, attempts: Int(row.attempts),
      dueAt: row.state == .retrying ? cause.dueAt : nil, reason: cause.reason,
      isConflicting: row.marks.contains(.conflicting))
  }

  private mutating func with<Value>(
    _ place: Place, _ read: (RecordFrame, RecordPayload) -> Value?
  ) throws(ReadError) -> Value {
    let segment = try segment(place.segment)
    let range = try load(place, segment)
    let value = buffer.withUnsafeBytes { all in
      let bytes = UnsafeRawBufferPointer(rebasing: all[range])
      guard let frame = RecordFrame.read(bytes, at: 0, seed: segment.seed), frame.isKnown,
        let payload = segment.cipher.open(frame, in: bytes)
      else { return Value?.none }
      return read(frame, payload)
    }
    if buffer.count > 1 << 20 { (buffer, part) = ([], nil) }
    guard let value else { throw ReadError("a record is damaged", place, names) }
    return value
  }

  /// Where in the buffer the record is, with what is there behind it.
  private mutating func load(_ place: Place, _ segment: Segment) throws(ReadError) -> Range<Int> {
    if let known = part?.range(from: place), size(in: known) <= known.count { return known }
    var count = try fill(segment, place, part?.isFollowed(by: place) == true ? Self.ahead : Self.usual)
    let whole = size(in: 0..<count)
    if whole > count, whole <= Self.largest { count = try fill(segment, place, Format.padded(whole)) }
    return 0..<count
  }

  /// Of the record that begins there, as its head says.
  private func size(in range: Range<Int>) -> Int {
    if range.count < Format.recordHeadSize { return Format.recordHeadSize }
    return Format.recordHeadSize + Int(buffer.withUnsafeBytes { $0.get(range.lowerBound, UInt32.self) })
  }

  private mutating func fill(_ segment: Segment, _ place: Place, _ size: Int) throws(ReadError) -> Int {
    guard let disk else { throw ReadError("closed", place, names) }
    if buffer.count < size { buffer = [UInt8](repeating: 0, count: size) }
    part = nil
    let result: Result<Int, DiskError> = buffer.withUnsafeMutableBytes { all in
      let wanted = UnsafeMutableRawBufferPointer(rebasing: all[..<size])
      do throws(DiskError) {
        return .success(try disk.read(segment.file, at: UInt64(place.offset), into: wanted))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    case .success(let count):
      part = Part(segment: place.segment, start: Int(place.offset), count: count)
      return count
    case .failure(let error): throw ReadError("\(error)", place, names)
    }
  }

  private mutating func segment(_ number: UInt32) throws(ReadError) -> Segment {
    if let known = open.first(where: { $0.number == number }) { return known }
    let place = Place(segment: number, offset: 0)
    guard let disk, let keys, let name = names[number] else { throw ReadError("no such segment", place, names) }
    do {
      let file = try disk.open(folder + "/" + name, .read)
      var head = [UInt8](repeating: 0, count: 1 << 16)
      let count = head.withUnsafeMutableBytes { all in (try? disk.read(file, at: 0, into: all)) ?? 0 }
      let whole = head.withUnsafeBytes { SegmentHead($0) }
      let salt = whole?.salt ?? head.withUnsafeBytes { SegmentScan.salt(in: $0.part(0, count)) }
      guard let salt else {
        disk.close(file)
        throw ReadError("the segment's head is damaged", place, names)
      }
      let cipher: SegmentCipher
      do {
        let found = try keys.find(whole, firstSequence: Format.firstSequence(name) ?? 0, salt: salt)
        cipher = try keys.cipher(found, salt: salt)
      } catch {
        disk.close(file)
        throw error
      }
      if open.count == Limits.openSegments { disk.close(open.removeFirst().file) }
      let segment = Segment(number: number, file: file, seed: Format.seed(salt), cipher: cipher)
      open.append(segment)
      return segment
    } catch let error as ReadError {
      throw error
    } catch {
      throw ReadError("\(error)", place, names)
    }
  }
}

/// Why an event cannot be read back.
struct ReadError: Error {
  let text: String

  init(_ text: String, _ place: Place, _ names: SegmentNames) {
    self.text = "\(names[place.segment] ?? "segment") at \(place.offset): \(text)"
  }
}

/// What the record that gave an event its state says.
private struct Cause {
  var reason: Reason?
  var dueAt: Instant?

  init() {}

  init?(_ frame: RecordFrame, _ payload: RecordPayload, of sequence: UInt64) {
    guard let kind = LogRecord.Kind(rawValue: frame.kind) else { return nil }
    switch LogRecord.decode(kind, payload.bytes) {
    case .settled(let settlement):
      reason = settlement.reason
      dueAt = settlement.dueAt
    case .changed(_, _, let given): reason = given
    case .erased(_, let given): reason = given
    case .carried(let carried): reason = carried.reason
    case .retried(let retrying):
      reason = .retryAsked
      dueAt = retrying.due(of: sequence).map { Instant(millisecondsSince1970: $0) }
    case .started(let deaths):
      reason = Reason(
        "process-deaths", .internalError, "The process ended \(deaths) times in a row while it worked on this event.")
    default: return nil
    }
  }
}
