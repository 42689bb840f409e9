import CLinux
import Glibc

/// A thread of its own for a loop that blocks: the log, an event loop, a client. Never for work that begins and ends
/// within a request: that is a task.
public final class BlockingThread: Sendable {
  private let handle: pthread_t

  /// Starts the thread at once. `name` shows in debuggers and `top`; at most 15 bytes of it are kept.
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        clinux_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw Errno(rawValue: code)
    }
    self.handle = handle
  }

  /// Blocks until the thread has ended. Exactly one of `join` and `detach` is called, once.
  public func join() { pthread_join(handle, nil) }

  /// Lets the thread end by itself.
  public func detach() { pthread_detach(handle) }

  /// Runs one blocking call away from the cooperative pool and the event loops: a name look-up, opening the ledger.
  public static func run<Value: Sendable>(
    name: String, _ body: @escaping @Sendable () -> Value
  ) async throws(Errno) -> Value {
    let result: Result<Value, Errno> = await withUnsafeContinuation { continuation in
      do throws(Errno) {
        try BlockingThread(name: name) { continuation.resume(returning: .success(body())) }.detach()
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }
}

/// What travels into a new thread.
private final class Start: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
