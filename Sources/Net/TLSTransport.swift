import Crypto
import Glibc
import Posix

/// A stream's TLS. Costs next to nothing until the peer's first bytes: only then a session is made, under the context
/// that is the current one by then.
// Safe: touched on its stream's loop only.
public final class TLSTransport: Transport, @unchecked Sendable {
  private let server: TLSServer
  private var session: TLSSession?
  public private(set) var hasFailed = false
  public private(set) lazy var certificate = session?.peerCertificate

  public init(_ server: TLSServer) { self.server = server }

  public func open(_ descriptor: Int32) -> Attempt {
    if session == nil { session = TLSSession(server.current, descriptor: descriptor) }
    guard let session else { return .failed(.system(Errno(rawValue: ENOMEM), call: "SSL_new")) }
    let step = session.shakeHands()
    server.count(step, resumed: session.isResumed)
    return attempt(step)
  }

  public func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Attempt {
    guard let session else { return .wants(.read) }
    return attempt(session.read(into: buffer))
  }

  public func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Attempt {
    guard let session else { return .wants(.read) }
    return attempt(session.write(bytes))
  }

  public func end(_ descriptor: Int32) { session?.sayClose() }

  public var hasBegun: Bool { session != nil }

  public var hasBytes: Bool { session?.hasBytes ?? false }

  private func attempt(_ step: TLSSession.Step) -> Attempt {
    switch step {
    case .done(let count): return .moved(count)
    case .wantsRead: return .wants(.read)
    case .wantsWrite: return .wants(.write)
    case .failed(.gone): return .failed(.closed)
    case .failed(let failure):
      hasFailed = true
      return .failed(.tls(failure))
    }
  }
}
