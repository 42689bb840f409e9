import Glibc

/// What a system call says when it fails: the number of errno(3).
public struct Errno: Error, Hashable, Sendable, RawRepresentable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The calling thread's error, to be read directly after the call that failed.
  public static var last: Errno { Errno(rawValue: errno) }

  public var description: String {
    var text = [CChar](repeating: 0, count: 128)
    guard strerror_r(rawValue, &text, text.count) == 0 else { return "error \(rawValue)" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// True where the same call, made again later on the same descriptor, may succeed.
  public var isWouldBlock: Bool { rawValue == EAGAIN || rawValue == EWOULDBLOCK }

  public static let interrupted = Errno(rawValue: EINTR)
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  public static let noSuchFile = Errno(rawValue: ENOENT)
  public static let exists = Errno(rawValue: EEXIST)
  public static let permission = Errno(rawValue: EACCES)
  public static let noSpace = Errno(rawValue: ENOSPC)
  public static let inputOutput = Errno(rawValue: EIO)
  public static let invalid = Errno(rawValue: EINVAL)
  public static let tooManyFiles = Errno(rawValue: EMFILE)
  public static let tooManyFilesInSystem = Errno(rawValue: ENFILE)
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  public static let brokenPipe = Errno(rawValue: EPIPE)
  public static let connectionReset = Errno(rawValue: ECONNRESET)
}

/// Makes a call again for as long as a signal interrupts it; -1 becomes the error.
@inlinable
public func retrying<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
  while true {
    let value = call()
    if value != -1 { return value }
    let error = Errno.last
    if error != .interrupted { throw error }
  }
}
