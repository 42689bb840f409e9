import Crypto
import Posix

/// Why a stream, a listener or a loop could not do what it was asked.
public enum NetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The other side is gone, or the stream was closed here.
  case closed
  /// The deadline passed first.
  case deadline
  /// The server stops: this connection has nothing more to do.
  case stopped
  /// TLS came to nothing; the peer was told.
  case tls(TLSFailure)
  /// A system call failed; `call` names it.
  case system(Errno, call: String)

  public var description: String {
    switch self {
    case .closed: "the connection is closed"
    case .deadline: "the deadline passed"
    case .stopped: "the server is stopping"
    case .tls(let failure): "\(failure)"
    case .system(let error, let call): "\(call): \(error)"
    }
  }

  static func last(_ call: String) -> NetError { .system(.last, call: call) }
}

/// The numbers that the event loops are built on.
enum Limits {
  /// Events taken from the kernel in one wait.
  static let eventsPerWait = 256
  /// How often finished jobs may beget new ones before the sockets are looked at again.
  static let jobRoundsPerWait = 32
  /// Bytes that one read takes at most: the loop's shared buffer.
  static let readBytes = 65_536
  /// Connections that the kernel keeps for us until they are accepted.
  static let acceptBacklog: Int32 = 4_096
  /// Accepts in one go, so that a storm of new connections does not starve the open ones.
  static let acceptsPerRound = 64
  /// How long a listener rests when there are no descriptors left.
  static let acceptPauseNanoseconds: Int64 = 100_000_000
  /// How long a connection without a request is still open when its server stops: longer than a request is on its way.
  static let lastCallNanoseconds: Int64 = 500_000_000
  /// How long a proxy may take for its header, from when its connection was accepted.
  static let proxyHeaderNanoseconds: Int64 = 5_000_000_000
  /// Of how many streams the oldest that may be closed is looked for, when there is no room.
  static let candidatesToClose = 16
  /// How long a TLS handshake may take, from when its connection was accepted.
  static let handshakeNanoseconds: Int64 = 5_000_000_000
  /// How long, and how many bytes long, a connection that has failed is read from before it is closed: a socket closed
  /// with unread bytes resets the connection, and what was said last may be lost (RFC 9112 9.6).
  static let lingeringNanoseconds: Int64 = 2_000_000_000
  static let lingeringBytes = 65_536
  /// How long sent bytes may stay unacknowledged before the kernel gives the connection up: TCP_USER_TIMEOUT.
  static let unacknowledgedMilliseconds: Int32 = 30_000
  /// Output buffers that a loop keeps for reuse, and the largest it keeps.
  static let pooledBuffers = 256
  static let pooledBufferBytes = 262_144
}
