import Glibc

/// Listening sockets that a service manager opened and keeps (sd_listen_fds(3)): while this process is not there,
/// connections wait in the kernel's queue instead of being refused.
public final class InheritedSockets: Sendable {
  private let sockets: Lock<[Socket]>

  /// One socket; whoever took it closes it.
  public struct Socket: Hashable, Sendable {
    public let name: String
    public let number: Int32
    /// Of the machine itself: whoever connects is on it.
    public var isUnix: Bool { InheritedSockets.option(number, SO_DOMAIN) == AF_UNIX }
  }

  /// Why what was passed cannot be used, in a sentence.
  public struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  private init(_ sockets: [Socket]) { self.sockets = Lock(sockets) }

  deinit {
    sockets.withLock { sockets in
      for socket in sockets { Glibc.close(socket.number) }
    }
  }

  /// Takes over what `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES` announce, and removes the three from the
  /// environment, so that no child believes that it is meant. To be called once, before there are other threads.
  ///
  /// Descriptors begin at 3; a name that is missing is `unknown`. Each gets close-on-exec and is checked: a listening
  /// stream socket of IPv4, IPv6 or Unix. Nothing is taken where another process is meant.
  public static func take(environment: [String: String]) throws(Unusable) -> InheritedSockets {
    try take(environment: environment, from: 3)
  }

  /// - Parameter first: SD_LISTEN_FDS_START, which is 3.
  static func take(environment: [String: String], from first: Int32) throws(Unusable) -> InheritedSockets {
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"] { unsetenv(name) }
    guard let process = environment["LISTEN_PID"], let text = environment["LISTEN_FDS"],
      process == "\(getpid())"
    else { return InheritedSockets([]) }
    guard let count = DecimalNumber.read(text, max: mostSockets) else {
      throw Unusable(description: "LISTEN_FDS: expected a number of sockets up to \(mostSockets)")
    }
    let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
    var sockets: [Socket] = []
    for index in 0..<count {
      let name = index < names.count && !names[index].isEmpty ? String(names[index]) : "unknown"
      sockets.append(Socket(name: name, number: first + Int32(index)))
    }
    for socket in sockets {
      guard fcntl(socket.number, F_SETFD, FD_CLOEXEC) == 0 else {
        throw Unusable(description: "the socket `\(socket.name)` was announced and not passed: \(Errno.last)")
      }
      if let problem = problem(with: socket.number) {
        throw Unusable(description: "the socket `\(socket.name)` \(problem)")
      }
    }
    return InheritedSockets(sockets)
  }

  /// The names of what was not taken yet, in the order of the descriptors.
  public var names: [String] { sockets.withLock { $0.map(\.name) } }

  /// Gives away every socket of a name, in the order of the descriptors: a unit with several addresses has one name.
  public func take(_ name: String) -> [Socket] {
    sockets.withLock { sockets in
      let taken = sockets.filter { $0.name == name }
      sockets.removeAll { $0.name == name }
      return taken
    }
  }

  private static func problem(with number: Int32) -> String? {
    switch option(number, SO_DOMAIN) {
    case AF_INET, AF_INET6, AF_UNIX: break
    default: return "is no socket of IPv4, IPv6 or Unix"
    }
    guard option(number, SO_TYPE) == Int32(SOCK_STREAM.rawValue), option(number, SO_ACCEPTCONN) == 1 else {
      return "does not listen for streams: it needs `ListenStream=` and `Accept=no`"
    }
    return nil
  }

  fileprivate static func option(_ number: Int32, _ name: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(number, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }

  private static let mostSockets = 64
}
