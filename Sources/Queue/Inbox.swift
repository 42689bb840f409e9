import Glibc
import Posix

/// Messages for one thread that sleeps while there are none.
///
/// A pthread mutex and condition, because the thread has to sleep until a message comes or a time is reached.
// Safe: all that varies is touched only between locking and unlocking `mutex`.
final class Inbox<Message: Sendable>: Sleeper, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var messages: [Message] = []
  private var isClosed = false
  private var isPoked = false
  /// So many messages wake the thread; `.max` while it is awake, or was called already.
  private var wakesAt = Int.max

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// False once the inbox is closed: the message was not taken.
  func put(_ message: Message) -> Bool { put { $0.append(message) } }

  /// All of them, in their order, with nothing in between.
  func put(contentsOf all: [Message]) -> Bool { put { $0 += all } }

  private func put(_ add: (inout [Message]) -> Void) -> Bool {
    pthread_mutex_lock(mutex)
    let taken = !isClosed
    if taken { add(&messages) }
    let wakes = messages.count >= wakesAt
    let isAwaited = wakes && wakesAt > 1
    pthread_mutex_unlock(mutex)
    // A thread that waits for its first message need not hear of it before the last of this turn; one that waits for a
    // number has all it asked for.
    if isAwaited { wake() } else if wakes { Wakeups.wake(self) }
    return taken
  }

  /// Wakes the thread where enough messages wait; once, however often it is asked.
  func wake() {
    pthread_mutex_lock(mutex)
    let wakes = messages.count >= wakesAt
    if wakes { wakesAt = .max }
    pthread_mutex_unlock(mutex)
    if wakes { pthread_cond_signal(condition) }
  }

  /// Lets the thread look around although there is no message.
  func poke() {
    pthread_mutex_lock(mutex)
    isPoked = true
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(condition)
  }

  /// Takes all that waits, into an array whose memory is used again. Sleeps until there is something, a poke, or `until`
  /// (nanoseconds of the machine's monotonic clock) is reached; nil: for as long as it takes.
  func take(into taken: inout [Message], until: Int64?) {
    taken.removeAll(keepingCapacity: true)
    pthread_mutex_lock(mutex)
    while messages.isEmpty, !isPoked, !isClosed {
      if !sleep(for: 1, until: until) { break }
    }
    isPoked = false
    swap(&messages, &taken)
    pthread_mutex_unlock(mutex)
  }

  /// Waits until there are `count` messages, a poke, or the time. Looks again and again for so many nanoseconds before it
  /// sleeps: to be woken takes longer than most of what comes.
  func await(_ count: Int, until: Int64, awake: Int64) {
    let sleepsAt = min(until, Clock.monotonicNanoseconds() + awake)
    while self.count < count, Clock.monotonicNanoseconds() < sleepsAt { sched_yield() }
    pthread_mutex_lock(mutex)
    while messages.count < count, !isPoked, !isClosed {
      if !sleep(for: count, until: until) { break }
    }
    pthread_mutex_unlock(mutex)
  }

  /// How many messages wait.
  var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return messages.count
  }

  /// One wait for the condition, with the mutex locked; false once the time is reached.
  private func sleep(for count: Int, until: Int64?) -> Bool {
    wakesAt = count
    defer { wakesAt = .max }
    guard let until else {
      pthread_cond_wait(condition, mutex)
      return true
    }
    var time = timespec(tv_sec: Int(until / 1_000_000_000), tv_nsec: Int(until % 1_000_000_000))
    return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
  }

  /// Takes no more messages; those that wait are given back.
  func close() -> [Message] {
    pthread_mutex_lock(mutex)
    isClosed = true
    let left = messages
    messages = []
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(condition)
    return left
  }
}
