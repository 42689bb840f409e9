/// Which way bytes go.
public enum Direction: Sendable {
  case read
  case write
}

/// Why a parked task was woken.
enum Wake: Sendable {
  case ready
  case deadline
  case stopped
}

/// Whoever takes the connections that a listener accepts, and is told when an idle one has bytes. Called on the
/// connection's loop.
public protocol StreamOwner: AnyObject, Sendable {
  /// An idle stream has bytes, or its peer closed it: start the task that reads them.
  func start(_ stream: Stream)
  /// A stream was accepted, and another was closed.
  func opened(_ stream: Stream)
  func closed(_ stream: Stream, peer: SocketAddress)
  /// How long a stream that has sent nothing yet stays open.
  var idleNanoseconds: Int64 { get }
}

/// What a loop knows about one descriptor. An idle connection is this and nothing else: no task, no buffer.
struct Row {
  struct Flags: OptionSet {
    let rawValue: UInt16
    static let open = Flags(rawValue: 1)
    /// An edge came that no read or write has used up yet.
    static let readable = Flags(rawValue: 2)
    static let writable = Flags(rawValue: 4)
    /// The peer has sent its end: there is no further edge to wait for.
    static let ended = Flags(rawValue: 8)
    /// No task; the first bytes start one.
    static let idle = Flags(rawValue: 16)
    /// Its task waits for the next request and has nothing in hand: may be woken to stop.
    static let between = Flags(rawValue: 32)
    /// Closed from outside its task: every operation fails from now on.
    static let doomed = Flags(rawValue: 64)
    /// Its task only sends.
    static let streaming = Flags(rawValue: 128)
    /// No task; its transport exchanges what has to come before the first byte: a handshake.
    static let opening = Flags(rawValue: 256)
    /// No task; it has said its last, and is only read from until its peer has taken that in.
    static let lingering = Flags(rawValue: 512)
    /// The last attempt to read waits until the socket can be written, and the other way round: TLS may have to.
    static let readWantsWrite = Flags(rawValue: 1_024)
    static let writeWantsRead = Flags(rawValue: 2_048)

    static let withoutTask: Flags = [.idle, .opening, .lingering]
  }

  var flags: Flags = []
  /// Counts the uses of the descriptor's number, so that an event or a timer of an earlier use is told apart.
  var generation: UInt32 = 0
  var reader: UnsafeContinuation<Wake, Never>?
  var writer: UnsafeContinuation<Wake, Never>?
  /// nil is the plain socket.
  var transport: (any Transport)?
  var owner: (any StreamOwner)?
  var task: Task<Void, Never>?
  var peer = SocketAddress.unix(path: "")
  var openedAt: Int64 = 0
  var served: UInt32 = 0
  /// Nanoseconds on the loop's clock; 0 is none.
  var deadline: Int64 = 0
  /// The tick of this row's timer in the wheel; `.max` is none.
  var timerTick = Int64.max

  /// What the socket has to be ready for before an attempt in this direction is worth while.
  @inline(__always)
  func awaited(for direction: Direction) -> Direction {
    switch direction {
    case .read: flags.contains(.readWantsWrite) ? .write : .read
    case .write: flags.contains(.writeWantsRead) ? .read : .write
    }
  }

  /// Notes what an attempt in this direction has to wait for.
  mutating func note(_ direction: Direction, wants awaited: Direction) {
    flags.remove(awaited == .read ? .readable : .writable)
    switch direction {
    case .read: if awaited == .write { flags.insert(.readWantsWrite) } else { flags.remove(.readWantsWrite) }
    case .write: if awaited == .read { flags.insert(.writeWantsRead) } else { flags.remove(.writeWantsRead) }
    }
  }

  /// Wakes who waits for an edge in this direction.
  @inline(__always)
  mutating func wake(_ edge: Direction) {
    if reader != nil, awaited(for: .read) == edge { resume(.read, .ready) }
    if writer != nil, awaited(for: .write) == edge { resume(.write, .ready) }
  }

  mutating func resume(_ direction: Direction, _ wake: Wake) {
    switch direction {
    case .read:
      guard let waiter = reader else { return }
      reader = nil
      waiter.resume(returning: wake)
    case .write:
      guard let waiter = writer else { return }
      writer = nil
      waiter.resume(returning: wake)
    }
  }
}

/// A loop's rows, by descriptor number: flat, for the kernel gives out the lowest free number.
struct RowTable {
  private(set) var rows: UnsafeMutablePointer<Row>
  private(set) var capacity: Int

  init(capacity: Int = 64) {
    self.capacity = capacity
    rows = .allocate(capacity: capacity)
    rows.initialize(repeating: Row(), count: capacity)
  }

  /// The row of a descriptor; the table grows where it must.
  mutating func row(_ descriptor: Int32) -> UnsafeMutablePointer<Row> {
    let index = Int(descriptor)
    if index >= capacity { grow(beyond: index) }
    return rows + index
  }

  private mutating func grow(beyond index: Int) {
    let larger = max(capacity * 2, index + 1)
    let moved = UnsafeMutablePointer<Row>.allocate(capacity: larger)
    moved.moveInitialize(from: rows, count: capacity)
    (moved + capacity).initialize(repeating: Row(), count: larger - capacity)
    rows.deallocate()
    rows = moved
    capacity = larger
  }

  func deallocate() {
    rows.deinitialize(count: capacity)
    rows.deallocate()
  }
}
