import CLinux

/// A thread that sleeps while there is nothing to do.
public protocol Sleeper: AnyObject, Sendable {
  /// Wakes it, where it sleeps and has something to do. Called from any thread.
  func wake()
}

/// Wake-ups of other threads, held back until a piece of work is done.
///
/// A thread that is woken often takes the processor from the one that woke it: whoever hands out sixty answers one by one
/// is interrupted sixty times. A thread that holds back leaves all it has to leave first, and wakes each sleeper once,
/// in `release`: before it waits for anything itself.
public enum Wakeups {
  private final class HeldBack {
    var sleepers: [any Sleeper] = []
  }

  /// Runs the life of a thread that holds wake-ups back. It must call `release` before every wait.
  public static func holdingBack(_ life: () -> Void) {
    let held = HeldBack()
    withExtendedLifetime(held) {
      clinux_set_own(Unmanaged.passUnretained(held).toOpaque())
      life()
      release()
      clinux_set_own(nil)
    }
  }

  /// Wakes a sleeper: now, or with the thread's next `release`. What it is woken for has to be where it looks already.
  public static func wake(_ sleeper: any Sleeper) {
    guard let held else { return sleeper.wake() }
    for known in held.sleepers where known === sleeper { return }
    held.sleepers.append(sleeper)
  }

  /// Wakes whom the calling thread has kept waiting.
  public static func release() {
    guard let held, !held.sleepers.isEmpty else { return }
    for sleeper in held.sleepers { sleeper.wake() }
    held.sleepers.removeAll(keepingCapacity: true)
  }

  private static var held: HeldBack? {
    clinux_own().map { Unmanaged<HeldBack>.fromOpaque($0).takeUnretainedValue() }
  }
}
