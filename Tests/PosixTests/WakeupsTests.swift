import Posix
import Synchronization
import Testing

/// Wake-ups that wait for the end of a piece of work.
@Suite struct WakeupsTests {
  private final class Counter: Sleeper {
    let wakes = Atomic<Int>(0)
    var count: Int { wakes.load(ordering: .relaxed) }

    func wake() { wakes.wrappingAdd(1, ordering: .relaxed) }
  }

  @Test func `a thread that holds nothing back wakes at once`() {
    let sleeper = Counter()
    Wakeups.wake(sleeper)
    Wakeups.wake(sleeper)
    #expect(sleeper.count == 2)
    Wakeups.release()
    #expect(sleeper.count == 2)
  }

  @Test func `one that holds back wakes each sleeper once, when it releases`() {
    let (one, other) = (Counter(), Counter())
    Wakeups.holdingBack {
      for _ in 0..<3 {
        Wakeups.wake(one)
        Wakeups.wake(other)
      }
      #expect(one.count == 0)
      Wakeups.release()
      #expect(one.count == 1)
      #expect(other.count == 1)
      Wakeups.release()
      #expect(one.count == 1)
    }
  }

  @Test func `what is still held back at the end is let go, and then nothing is held any more`() {
    let sleeper = Counter()
    Wakeups.holdingBack { Wakeups.wake(sleeper) }
    #expect(sleeper.count == 1)
    Wakeups.wake(sleeper)
    #expect(sleeper.count == 2)
  }
}
