#if THREAD_SANITIZER
  import Glibc
#else
  import Synchronization
#endif

// The thread sanitizer does not see the futex inside `Synchronization.Mutex` on Linux and reports races that are none.
// Builds under the sanitizer pass `-Xswiftc -DTHREAD_SANITIZER` and get a pthread mutex, which it does see.

/// A value that only one thread at a time can touch. Hold it for short facts, never across a blocking call.
public struct Lock<Value>: ~Copyable, Sendable {
  #if THREAD_SANITIZER
    private let box: PthreadBox<Value>

    public init(_ value: sending Value) { box = PthreadBox(value) }

    public borrowing func withLock<Result, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      pthread_mutex_lock(box.mutex)
      defer { pthread_mutex_unlock(box.mutex) }
      return try body(&box.value)
    }
  #else
    @usableFromInline let mutex: Mutex<Value>

    @inlinable public init(_ value: sending Value) { mutex = Mutex(value) }

    @inlinable
    public borrowing func withLock<Result, Failure: Error>(
      _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      try mutex.withLock(body)
    }
  #endif
}

#if THREAD_SANITIZER
  // Safe: `value` is touched only by `withLock`, between the locking and unlocking of `mutex`.
  private final class PthreadBox<Value>: @unchecked Sendable {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    var value: Value

    init(_ value: sending Value) {
      self.value = value
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }
  }
#endif
