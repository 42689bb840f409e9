/// The numbers that travel through epoll and the timer wheel.
enum LoopToken {
  static let wakeUp = UInt64.max
  /// Set in the token of what belongs to no row: in the wheel a call's number follows, in epoll a listener's descriptor.
  static let otherBit: UInt64 = 1 << 63

  /// A row's: its generation above its slot.
  @inline(__always)
  static func row(_ slot: Int32, _ generation: UInt32) -> UInt64 {
    UInt64(generation & 0x7FFF_FFFF) << 32 | UInt64(UInt32(bitPattern: slot))
  }

  static func listener(_ descriptor: Int32) -> UInt64 { otherBit | UInt64(UInt32(bitPattern: descriptor)) }
}

/// Something that a loop does once for several of its jobs; see `EventLoop.beforeWaiting`.
public protocol LoopErrand: AnyObject {
  func run()
}

/// What only the loop's own thread touches. Plain storage: accesses are short, for a resumed task or an owner's call may
/// come back to the loop in the middle of any longer one.
struct LoopState {
  /// Jobs that became ready on the loop itself.
  var ready: [UnownedJob] = []
  var table = RowTable()
  var phases = PhaseLists()
  var wheel: TimerWheel
  var now: Int64
  /// Where reads land; whoever reads takes the bytes out before it suspends.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readBytes, alignment: 64)
  var buffers: [[UInt8]] = []
  /// To be run before the next wait.
  var errands: [any LoopErrand] = []
  var calls: [UInt64: () -> Void] = [:]
  var callCount: UInt64 = 0
  var listeners: [Int32: () -> Void] = [:]

  init(now: Int64) {
    self.now = now
    wheel = TimerWheel(now: now)
    ready.reserveCapacity(256)
  }
}
