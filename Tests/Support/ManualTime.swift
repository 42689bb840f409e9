import Net
import Synchronization

/// The clock of event loops, moved by hand.
public final class ManualTime: Sendable {
  private let nanoseconds = Atomic<Int64>(1_000_000_000_000)

  public init() {}

  public var now: Int64 { nanoseconds.load(ordering: .sequentiallyConsistent) }

  /// A group of loops on this clock.
  public func loops(_ count: Int = 1) throws -> EventLoopGroup {
    var loops: [EventLoop] = []
    for index in 0..<count { loops.append(try EventLoop(name: "test-\(index)") { self.now }) }
    return EventLoopGroup(loops)
  }

  /// Moves the clock and returns when each loop has seen it and done what was due.
  public func advance(milliseconds: Int64, _ group: EventLoopGroup) async {
    nanoseconds.wrappingAdd(milliseconds * 1_000_000, ordering: .sequentiallyConsistent)
    // Once to see the time and make tasks ready, once to know that they ran as far as they could.
    for _ in 0..<3 { await group.settle() }
  }
}

extension EventLoopGroup {
  /// Returns when every loop has been through everything that was ready.
  public func settle() async {
    for loop in loops {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        loop.call { _ in continuation.resume() }
      }
    }
  }
}
