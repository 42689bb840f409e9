import Glibc

/// What the service manager that started this process wants to know, in the protocol of sd_notify(3): datagrams of
/// `NAME=value` lines to the Unix socket that `NOTIFY_SOCKET` names. Without one, nobody is told.
public final class ServiceManager: Sendable {
  private let address: [UInt8]
  /// Nanoseconds after which the manager takes a process that says nothing for dead (`WATCHDOG_USEC`); nil where it does
  /// not watch this process.
  public let watchdog: Int64?

  /// - Parameter environment: `NOTIFY_SOCKET`, a path or `@` and an abstract name (unix(7)); `WATCHDOG_USEC` and
  ///   `WATCHDOG_PID`. What is none of these is taken for nothing.
  public init(environment: [String: String], process: Int32 = getpid()) {
    address = environment["NOTIFY_SOCKET"].flatMap(Self.address) ?? []
    let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap { DecimalNumber.read($0, max: Self.longestWatchdog) }
    watchdog = isMeant && !address.isEmpty ? limit.flatMap { $0 > 0 ? Int64($0) * 1_000 : nil } : nil
  }

  /// The start is over: it serves.
  public func ready(_ status: String) { tell(["READY=1", "STATUS=" + status]) }

  /// The end has begun.
  public func stopping(_ status: String) { tell(["STOPPING=1", "STATUS=" + status]) }

  /// What is read anew takes effect; followed by `ready`.
  public func reloading(now: Int64 = Clock.monotonicNanoseconds()) {
    tell(["RELOADING=1", "MONOTONIC_USEC=\(now / 1_000)"])
  }

  /// One line for people.
  public func status(_ text: String) { tell(["STATUS=" + text]) }

  /// Still alive; to be said more often than `watchdog`.
  public func alive() { tell(["WATCHDOG=1"]) }

  // MARK: The socket

  /// A line break in a value would begin another line.
  private func tell(_ lines: [String]) {
    guard !address.isEmpty else { return }
    let text = lines.map { String($0.map { $0.isNewline ? " " : $0 }) }.joined(separator: "\n")
    let socket = FileDescriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    guard socket.number >= 0 else { return }
    // The manager may be busy; it must not keep us waiting for ever.
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(socket.number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var form = sockaddr_un()
    form.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &form.sun_path) { $0.copyBytes(from: address) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
    let bytes = Array(text.utf8)
    _ = withUnsafePointer(to: &form) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { to in
        try? retrying { sendto(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL), to, length) }
      }
    }
  }

  /// `sun_path` as the kernel wants it: an abstract name begins with a zero, a path ends with one.
  private static func address(_ text: String) -> [UInt8]? {
    var bytes = Array(text.utf8)
    guard bytes.count > 1, bytes.count < 108, !bytes.contains(0) else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "/"): bytes.append(0)
    case UInt8(ascii: "@"): bytes[0] = 0
    default: return nil
    }
    return bytes
  }

  /// A day, in microseconds: longer is nonsense, and would overflow elsewhere.
  private static let longestWatchdog = 86_400_000_000
}
