import CCurl
import Posix

/// The thread's loop: takes what was submitted, lets libcurl work, hands out what has ended.
// Safe: `multi` is made before the thread starts and used by it alone, but for `curl_multi_wakeup`, which libcurl allows
// from any thread and which is called under `inbox`'s lock while the loop is open; the rest is the thread's own.
final class CurlLoop: @unchecked Sendable {
  private struct Inbox {
    var waiting: [Transfer] = []
    var isClosed = false
    var hasEnded = false
  }

  private let policy: AddressPolicy
  private let limits: ClientLimits
  private let inbox = Lock(Inbox())
  private let multi: OpaquePointer?
  private var running: [OpaquePointer: Transfer] = [:]
  /// Easy handles that wait for their next request.
  private var spare: [OpaquePointer] = []

  /// `curl_global_init` is not safe on two threads at once; a static is made once.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(policy: AddressPolicy, limits: ClientLimits) {
    self.policy = policy
    self.limits = limits
    multi = Self.isReady ? curl_multi_init().map { OpaquePointer($0) } : nil
    guard let multi else { return }
    ccurl_multi_set_long(raw(multi), CURLMOPT_MAX_HOST_CONNECTIONS, limits.connectionsPerHost)
    ccurl_multi_set_long(raw(multi), CURLMOPT_MAXCONNECTS, limits.idleConnections)
  }

  func submit(_ transfer: Transfer) {
    let isTaken = inbox.withLock { inbox -> Bool in
      guard !inbox.isClosed, let multi else { return false }
      inbox.waiting.append(transfer)
      curl_multi_wakeup(raw(multi))
      return true
    }
    if !isTaken { transfer.finish(.failure(.refused("the client is closed"))) }
  }

  func close() {
    inbox.withLock { inbox in
      inbox.isClosed = true
      if !inbox.hasEnded, let multi { curl_multi_wakeup(raw(multi)) }
    }
  }

  func run() {
    guard let multi else { return }
    while true {
      let (waiting, isClosed) = inbox.withLock { inbox in
        defer { inbox.waiting = [] }
        return (inbox.waiting, inbox.isClosed)
      }
      if isClosed { return end(multi, waiting) }
      for transfer in waiting { start(transfer, multi) }
      var active: Int32 = 0
      curl_multi_perform(raw(multi), &active)
      var code = CURLE_OK
      while let easy = ccurl_multi_ended(raw(multi), &code) { ended(OpaquePointer(easy), code, multi) }
      var events: Int32 = 0
      curl_multi_poll(raw(multi), nil, 0, 1_000, &events)
    }
  }

  private func start(_ transfer: Transfer, _ multi: OpaquePointer) {
    guard let easy = spare.popLast() ?? curl_easy_init().map({ OpaquePointer($0) }) else {
      return transfer.finish(.failure(.notSent("no memory")))
    }
    guard transfer.prepare(raw(easy), policy, limits), curl_multi_add_handle(raw(multi), raw(easy)) == CURLM_OK else {
      transfer.release()
      curl_easy_cleanup(raw(easy))
      return transfer.finish(.failure(.refused("the request cannot be made")))
    }
    running[easy] = transfer
  }

  private func ended(_ easy: OpaquePointer, _ code: CURLcode, _ multi: OpaquePointer) {
    guard let transfer = running.removeValue(forKey: easy) else { return }
    let result = transfer.result(raw(easy), code)
    curl_multi_remove_handle(raw(multi), raw(easy))
    curl_easy_reset(raw(easy))
    transfer.release()
    if spare.count < limits.idleConnections { spare.append(easy) } else { curl_easy_cleanup(raw(easy)) }
    transfer.finish(result)
  }

  private func end(_ multi: OpaquePointer, _ waiting: [Transfer]) {
    inbox.withLock { $0.hasEnded = true }
    for transfer in waiting { transfer.finish(.failure(.notSent("the client was closed"))) }
    for (easy, transfer) in running {
      curl_multi_remove_handle(raw(multi), raw(easy))
      curl_easy_cleanup(raw(easy))
      transfer.release()
      transfer.finish(.failure(.unanswered("the client was closed")))
    }
    running = [:]
    for easy in spare { curl_easy_cleanup(raw(easy)) }
    spare = []
    curl_multi_cleanup(raw(multi))
  }
}

/// libcurl's handles are `void *`; in tables they are kept as opaque pointers.
func raw(_ pointer: OpaquePointer) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }
