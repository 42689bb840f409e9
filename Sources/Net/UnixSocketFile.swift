import CLinux
import Glibc

/// The file through which a listening Unix socket is found (unix(7)).
enum UnixSocketFile {
  /// Removes the file of a socket that nobody listens on any more: an earlier process left it. Any other file stays, and
  /// so does a socket that is alive; bind(2) says so.
  static func removeStale(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, !isAlive(path) else { return }
    _ = unlink(path)
  }

  private static func isAlive(_ path: String) -> Bool {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let socket = Glibc.socket(AF_UNIX, flags, 0)
    guard socket >= 0 else { return true }
    defer { _ = Glibc.close(socket) }
    let result = SocketAddress.unix(path: path).withKernelForm { connect(socket, $0, $1) }
    return result == 0 || errno != ECONNREFUSED
  }

  /// Binds, so that the file has the mode from its first moment on: nobody whom it keeps out can come in between. The
  /// umask takes bits away at bind(2); those are given back afterwards.
  static func bind(_ socket: Int32, _ address: SocketAddress, _ path: String, mode: UInt32?) -> Bool {
    if let mode, fchmod(socket, mode) != 0 { return false }
    guard address.withKernelForm({ Glibc.bind(socket, $0, $1) }) == 0 else { return false }
    if let mode { return chmod(path, mode) == 0 }
    return true
  }
}
