import Crypto
import Glibc
import Posix

/// What one attempt to move bytes came to.
public enum Attempt: Sendable {
  /// So many bytes; reading 0 is the peer's end.
  case moved(Int)
  /// Not now: again when the socket is ready in that direction (a TLS read may have to write first).
  case wants(Direction)
  case failed(NetError)
}

/// What stands between a stream's bytes and its socket: TLS. A stream without one is plain. Called on the stream's loop.
public protocol Transport: AnyObject, Sendable {
  /// What has to be exchanged before the first byte; `.moved` once it is.
  func open(_ descriptor: Int32) -> Attempt
  func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Attempt
  /// An attempt that wants something is repeated with the same bytes.
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Attempt
  /// Says that nothing more will be written; does not wait until it is heard. Harmless when repeated.
  func end(_ descriptor: Int32)

  /// The peer has sent something.
  var hasBegun: Bool { get }
  /// It took bytes from the socket that nobody has read yet.
  var hasBytes: Bool { get }
  /// Nothing can be read or written any more, and the peer was told why.
  var hasFailed: Bool { get }
  /// Whom the peer has proven to be.
  var certificate: Certificate? { get }
}

/// The plain socket's own attempts.
enum PlainTransport {
  @inline(__always)
  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Attempt {
    outcome(of: recv(descriptor, buffer.baseAddress, buffer.count, 0), "recv", .read)
      ?? read(descriptor, into: buffer)
  }

  @inline(__always)
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Attempt {
    outcome(of: send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)), "send", .write)
      ?? write(descriptor, bytes)
  }

  /// nil where a signal interrupted the call.
  @inline(__always)
  private static func outcome(of count: Int, _ call: StaticString, _ direction: Direction) -> Attempt? {
    if count >= 0 { return .moved(count) }
    let error = Errno.last
    switch error.rawValue {
    case EAGAIN: return .wants(direction)
    case EINTR: return nil
    case ECONNRESET, EPIPE, ETIMEDOUT, EBADF, ENOTCONN, EHOSTUNREACH, ENETUNREACH: return .failed(.closed)
    default: return .failed(.system(error, call: "\(call)"))
    }
  }
}
