import Crypto
import Glibc
import Posix

/// A connected socket, as its loop's table knows it. A value: copies are the same stream, and the stream lasts until
/// `close`. Use it on its loop only, from tasks started with `Task(executorPreference: stream.loop)`.
public struct Stream: Sendable {
  public let loop: EventLoop
  let slot: Int32
  let generation: UInt32

  init(_ loop: EventLoop, _ slot: Int32, _ generation: UInt32) {
    self.loop = loop
    self.slot = slot
    self.generation = generation
  }

  /// nil once the stream was closed: its row may be another's by now.
  @inline(__always)
  var row: UnsafeMutablePointer<Row>? {
    precondition(loop.isCurrent, "a stream is used on its own loop")
    let row = loop.row(slot)
    return row.pointee.generation == generation && row.pointee.flags.contains(.open) ? row : nil
  }

  public var peer: SocketAddress { row?.pointee.peer ?? .unix(path: "") }

  /// Its bytes are encrypted on their way from the peer: to us, or to the proxy that says so. A proxy that passes TLS on
  /// says no, having seen none.
  public var isSecure: Bool {
    guard let row else { return false }
    return row.pointee.transport != nil || row.pointee.introduction?.isSecure == true
  }

  /// What is written is what travels: no transport, which may not be open yet, stands between.
  public var isPlain: Bool { row.map { $0.pointee.transport == nil } ?? false }

  /// Whom the peer has proven to be, by TLS.
  public var certificate: Certificate? { row?.pointee.transport?.certificate }

  // MARK: Bytes

  /// One attempt to read, at most `Limits.readBytes`, into the loop's shared buffer, lent to `body` (which cannot
  /// suspend). nil: nothing there now; 0 bytes are the peer's end.
  @inline(__always)
  public func readNow<Result>(_ body: (UnsafeRawBufferPointer) throws(NetError) -> Result) throws(NetError) -> Result? {
    guard let row, !row.pointee.flags.contains(.doomed) else { throw .closed }
    let scratch = loop.state.pointee.scratch
    let attempt =
      row.pointee.transport.map { $0.read(row.pointee.descriptor, into: scratch) }
      ?? PlainTransport.read(row.pointee.descriptor, into: scratch)
    switch attempt {
    case .moved(let count):
      // epoll(7): on a stream a short read has used the edge up. Not so where the peer's end came with it, and not
      // where a transport keeps bytes of its own.
      if count < scratch.count, !row.pointee.flags.contains(.ended), row.pointee.transport == nil {
        row.pointee.flags.remove(.readable)
      }
      return try body(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
    case .wants(let direction):
      row.pointee.note(.read, wants: direction)
      return nil
    case .failed(let error): throw error
    }
  }

  /// Waits until an attempt to read is worth while; `deadline` on the loop's clock, 0 is none. `between`: nothing is in
  /// hand, so the stop of the server may wake the task.
  public nonisolated(nonsending) func readable(deadline: Int64, between: Bool = false) async throws(NetError) {
    try await park(.read, deadline: deadline, between: between)
  }

  /// One attempt to write; how many bytes were taken, 0 when the kernel's buffer is full.
  @inline(__always)
  public func writeNow(_ bytes: UnsafeRawBufferPointer) throws(NetError) -> Int {
    guard let row, !row.pointee.flags.contains(.doomed) else { throw .closed }
    let attempt =
      row.pointee.transport.map { $0.write(row.pointee.descriptor, bytes) }
      ?? PlainTransport.write(row.pointee.descriptor, bytes)
    switch attempt {
    case .moved(let count):
      if count < bytes.count, row.pointee.transport == nil { row.pointee.flags.remove(.writable) }
      return count
    case .wants(let direction):
      row.pointee.note(.write, wants: direction)
      return 0
    case .failed(let error): throw error
    }
  }

  /// Writes all of `bytes`. A reader that takes less than `pace.bytes` in `pace.nanoseconds` is given up: `.deadline`.
  @inline(__always)
  public nonisolated(nonsending) func write(_ bytes: [UInt8], pace: Pace = .none) async throws(NetError) {
    let written = try bytes.span.withUnsafeBytes { (buffer) throws(NetError) in try writeNow(buffer) }
    if written < bytes.count { try await writeRest(bytes, from: written, pace: pace) }
  }

  private nonisolated(nonsending) func writeRest(_ bytes: [UInt8], from start: Int, pace: Pace) async throws(NetError) {
    var written = start
    var windowStart = start
    var windowEnd = pace.end(from: loop.now)
    while written < bytes.count {
      do {
        try await park(.write, deadline: windowEnd, between: false)
      } catch NetError.deadline where written - windowStart >= pace.bytes {
        windowStart = written
        windowEnd = pace.end(from: loop.now)
        continue
      }
      written += try bytes.span.withUnsafeBytes { (buffer) throws(NetError) in
        try writeNow(UnsafeRawBufferPointer(rebasing: buffer[written...]))
      }
    }
  }

  /// The slowest that a reader may be.
  public struct Pace: Sendable {
    public let bytes: Int
    public let nanoseconds: Int64

    public init(bytes: Int, nanoseconds: Int64) {
      self.bytes = bytes
      self.nanoseconds = nanoseconds
    }

    public static let none = Pace(bytes: 0, nanoseconds: 0)

    func end(from now: Int64) -> Int64 { nanoseconds == 0 ? 0 : now + nanoseconds }
  }

  // MARK: Life

  /// Gives the stream back to its loop's table: the task may end. Its next bytes start another, through its owner; where
  /// none come before `deadline`, it is closed.
  public func idle(deadline: Int64) {
    guard row != nil else { return }
    loop.enter(.idle, slot)
    wait(deadline: deadline)
  }

  /// Without a task from now on; where bytes are there already, with a new one.
  func wait(deadline: Int64) {
    guard let row else { return }
    if row.pointee.flags.contains(row.pointee.awaited(for: .read) == .read ? .readable : .writable) {
      if row.pointee.phase == .idle { loop.move(slot, to: .working) }
      row.pointee.owner?.start(self)
    } else {
      row.pointee.flags.insert(.idle)
      row.pointee.task = nil
      loop.setDeadline(row, slot, deadline)
    }
  }

  /// The task that serves the stream, cancelled when the stream is stopped abruptly.
  public func serve(with task: Task<Void, Never>) { row?.pointee.task = task }

  /// From now on the task only sends: it is cancelled too when the peer is gone, for it may wait for something else.
  public func streams(_ streams: Bool) {
    guard let row else { return }
    if streams { row.pointee.flags.insert(.streaming) } else { row.pointee.flags.remove(.streaming) }
  }

  /// What the stream has carried so far: kept in the table, for it outlives the stream's tasks.
  public var served: UInt32 {
    get { row?.pointee.served ?? 0 }
    nonmutating set { row?.pointee.served = newValue }
  }

  /// When it was opened, on the loop's clock.
  public var openedAt: Int64 { row?.pointee.openedAt ?? loop.now }

  /// An edge came that no read has used up.
  public var mayHaveBytes: Bool { row?.pointee.flags.contains(.readable) ?? false }

  /// The peer has sent its end.
  public var hasEnded: Bool { row?.pointee.flags.contains(.ended) ?? true }

  /// Says that nothing more will be written: close_notify, and shutdown(2).
  public func endWriting() {
    guard let row else { return }
    row.pointee.transport?.end(row.pointee.descriptor)
    _ = shutdown(row.pointee.descriptor, Int32(SHUT_WR))
  }

  /// Where TLS has failed, its alert, and answers before it, are still to reach the peer.
  public func close() {
    guard let row else { return }
    if row.pointee.transport?.hasFailed == true { loop.linger(self) } else { loop.closeRow(slot) }
  }

  /// The one place where a task waits for a socket.
  private nonisolated(nonsending) func park(_ direction: Direction, deadline: Int64, between: Bool)
    async throws(NetError)
  {
    guard let row, !row.pointee.flags.contains(.doomed) else { throw .closed }
    let flag: Row.Flags = row.pointee.awaited(for: direction) == .read ? .readable : .writable
    // The flag stays until an attempt finds nothing: what one read left over needs no further edge.
    if row.pointee.flags.contains(flag) { return }
    guard deadline == 0 || deadline > loop.now else { throw .deadline }
    loop.setDeadline(row, slot, deadline)
    if between { row.pointee.flags.insert(.between) }
    let wake = await withUnsafeContinuation { continuation in
      let row = loop.row(slot)
      if direction == .read { row.pointee.reader = continuation } else { row.pointee.writer = continuation }
    }
    guard let row = self.row else { throw .closed }
    row.pointee.deadline = 0
    row.pointee.flags.remove(.between)
    switch wake {
    case .ready: return
    case .deadline: throw .deadline
    case .stopped: throw .stopped
    }
  }
}
