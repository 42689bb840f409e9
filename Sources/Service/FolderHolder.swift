import Glibc
import Net
import Posix

/// Who serves a data folder at this moment: the process that listens on the control socket in it.
enum FolderHolder {
  /// Nil where nobody answers: what has the folder then is a command that is soon done, or a service that ends.
  static func process(of folder: String) -> Int32? {
    guard let address = SocketAddress("unix:" + DataFolder.controlSocket(in: folder)) else { return nil }
    let socket = FileDescriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    guard socket.number >= 0, address.withKernelForm({ connect(socket.number, $0, $1) }) == 0 else { return nil }
    // unix(7), SO_PEERCRED: process, user, group.
    var credentials: (Int32, UInt32, UInt32) = (0, 0, 0)
    var length = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard getsockopt(socket.number, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
    return credentials.0
  }
}
