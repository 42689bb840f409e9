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
  /// A proxy has said for whom it opened the stream; until then `stream.peer` was the proxy, now it is the client.
  func introduced(_ stream: Stream, by proxy: SocketAddress)
  /// The deadline of a stream that was kept in the middle of a request: say so, and close it.
  func expired(_ stream: Stream)
  /// How long a stream that has sent nothing yet stays open.
  var idleNanoseconds: Int64 { get }
  /// How many streams of a loop may be in a phase at once; the oldest makes room for one more.
  func most(in phase: Phase) -> Int
}

extension StreamOwner {
  public func introduced(_ stream: Stream, by proxy: SocketAddress) {}
  public func expired(_ stream: Stream) { stream.close() }
  public func most(in phase: Phase) -> Int { .max }
}

/// What a stream is about, as far as it is not its owner's work. A loop keeps the streams of each phase in the order in
/// which they entered it, so that the oldest is at hand.
public enum Phase: UInt8, Sendable {
  /// A request is being answered, or was a moment ago.
  case working
  /// Before the first byte: the header of a proxy, a handshake.
  case opening
  /// A request's head has begun and is not whole.
  case head
  /// A request's body has begun and is not whole.
  case body
  /// Nothing is in hand, or its last word was said.
  case idle
}

/// Who speaks for a stream's peer.
final class Introduction: Sendable {
  let proxy: SocketAddress
  /// The peer's own connection to the proxy was TLS; nil where the proxy does not say.
  let isSecure: Bool?
  /// The proxy has named a client; otherwise it speaks for itself, or does not know for whom.
  let namesClient: Bool

  init(proxy: SocketAddress, isSecure: Bool?, namesClient: Bool) {
    self.proxy = proxy
    self.isSecure = isSecure
    self.namesClient = namesClient
  }
}

/// What a loop knows about one stream. An idle connection is this and nothing else: no task, no buffer.
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

    /// No task; the header of the PROXY protocol comes first.
    static let awaitsProxy = Flags(rawValue: 4_096)

    static let withoutTask: Flags = [.idle, .awaitsProxy, .opening, .lingering]
  }

  var flags: Flags = []
  var phase = Phase.working
  /// Counts the uses of the slot, so that an event or a timer of an earlier use is told apart.
  var generation: UInt32 = 0
  var descriptor: Int32 = -1
  /// The neighbours in the list of the phase, by slot; -1 is none. A free row's `after` is the next free one.
  var before: Int32 = -1
  var after: Int32 = -1
  var reader: UnsafeContinuation<Wake, Never>?
  var writer: UnsafeContinuation<Wake, Never>?
  /// nil is the plain socket.
  var transport: (any Transport)?
  var owner: (any StreamOwner)?
  var task: Task<Void, Never>?
  /// The beginning of a request, kept while no task is there.
  var kept: [UInt8] = []
  var introduction: Introduction?
  /// When it entered its phase.
  var since: Int64 = 0
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

  /// Without a task, and yet in the middle of something.
  var hasBegun: Bool {
    flags.contains(.lingering) || phase == .head || flags.contains(.opening) && transport?.hasBegun == true
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

/// A loop's rows, in pages that stay where they are. A slot that is free is used again before a new page is made, so a
/// loop's table is as large as it once had streams, whatever numbers the kernel gave their descriptors.
struct RowTable {
  static let pageRows = 64
  private static let pageShift: Int32 = 6

  private var pages: [UnsafeMutablePointer<Row>] = []
  private var firstFree: Int32 = -1

  /// Slots that are in use or were.
  var capacity: Int32 { Int32(pages.count * Self.pageRows) }

  @inline(__always)
  func row(_ slot: Int32) -> UnsafeMutablePointer<Row> {
    pages[Int(slot >> Self.pageShift)] + Int(slot & (Int32(Self.pageRows) - 1))
  }

  /// A free slot, which is no longer free.
  mutating func take() -> Int32 {
    if firstFree < 0 { addPage() }
    let slot = firstFree
    firstFree = row(slot).pointee.after
    return slot
  }

  /// Empties a row; its slot is free.
  mutating func free(_ slot: Int32) {
    let row = row(slot)
    row.pointee = Row(generation: row.pointee.generation, after: firstFree)
    firstFree = slot
  }

  private mutating func addPage() {
    let first = capacity
    let page = UnsafeMutablePointer<Row>.allocate(capacity: Self.pageRows)
    for index in 0..<Self.pageRows {
      let isLast = index == Self.pageRows - 1
      (page + index).initialize(to: Row(after: isLast ? firstFree : first + Int32(index) + 1))
    }
    pages.append(page)
    firstFree = first
  }

  func deallocate() {
    for page in pages {
      page.deinitialize(count: Self.pageRows)
      page.deallocate()
    }
  }
}
