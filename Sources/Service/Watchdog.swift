import Net
import Posix

/// Says "still alive" to the service manager while it is true: every event loop answers, and storage works.
struct Watchdog {
  let manager: ServiceManager
  let loops: EventLoopGroup
  let isWell: @Sendable () -> Bool

  /// Nil where nobody watches.
  func start() -> Task<Void, Never>? {
    guard let limit = manager.watchdog else { return nil }
    // As sd_watchdog_enabled(3) asks: in half the time.
    let pause = Duration.nanoseconds(limit / 2)
    return Task {
      repeat {
        for loop in loops.loops { await Self.answer(of: loop) }
        if isWell() { manager.alive() }
      } while (try? await Task.sleep(for: pause)) != nil
    }
  }

  private static func answer(of loop: EventLoop) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.call { _ in continuation.resume() }
    }
  }
}
