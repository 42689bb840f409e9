import Glibc

/// Messages for one thread that sleeps while there are none.
///
/// A pthread mutex and condition, because the thread has to sleep until a message comes or a time is reached.
// Safe: `messages`, `isClosed` and `isPoked` are touched only between locking and unlocking `mutex`.
final class Inbox<Message: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var messages: [Message] = []
  private var isClosed = false
  private var isPoked = false
  private var isSleeping = false

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
  func put(_ message: Message) -> Bool {
    pthread_mutex_lock(mutex)
    let taken = !isClosed
    if taken { messages.append(message) }
    let wakes = isSleeping
    pthread_mutex_unlock(mutex)
    if wakes { pthread_cond_signal(condition) }
    return taken
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
      isSleeping = true
      if let until {
        var time = timespec(tv_sec: Int(until / 1_000_000_000), tv_nsec: Int(until % 1_000_000_000))
        if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
    isSleeping = false
    isPoked = false
    swap(&messages, &taken)
    pthread_mutex_unlock(mutex)
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
