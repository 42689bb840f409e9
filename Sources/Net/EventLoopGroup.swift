import Glibc

/// The machine's event loops: one a core, so that a connection's work never waits for another core's.
public final class EventLoopGroup: Sendable {
  public let loops: [EventLoop]

  /// `count` nil: one for each core the machine has online.
  public init(count: Int? = nil) throws(NetError) {
    let count = max(1, count ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var loops: [EventLoop] = []
    for index in 0..<count { loops.append(try EventLoop(name: "loop-\(index)")) }
    self.loops = loops
  }

  /// Loops that were made elsewhere; at least one.
  public init(_ loops: [EventLoop]) {
    precondition(!loops.isEmpty, "a group has a loop")
    self.loops = loops
  }

  /// The loop with the fewest streams.
  public var leastLoaded: EventLoop {
    var best = loops[0]
    var fewest = best.streamCount.load(ordering: .relaxed)
    for loop in loops.dropFirst() {
      let count = loop.streamCount.load(ordering: .relaxed)
      if count < fewest { (best, fewest) = (loop, count) }
    }
    return best
  }

  /// Ends every loop's thread, soon.
  public func stop() {
    for loop in loops { loop.stop() }
  }
}
