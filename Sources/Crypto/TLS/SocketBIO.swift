import COpenSSL
import Glibc

/// OpenSSL's way to the socket. Its own would write with write(2), which raises SIGPIPE where the peer is gone; this one
/// asks for none, and needs no setting of the whole process.
enum SocketBIO {
  /// Made once, never freed.
  // Safe: not changed after it is made.
  private nonisolated(unsafe) static let method: OpaquePointer? = {
    let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR
    guard let method = BIO_meth_new(type, "causeway socket") else { return nil }
    BIO_meth_set_read(method) { bio, bytes, count in
      SocketBIO.outcome(bio, BIO_FLAGS_READ) { recv($0, bytes, Int(count), 0) }
    }
    BIO_meth_set_write(method) { bio, bytes, count in
      SocketBIO.outcome(bio, BIO_FLAGS_WRITE) { send($0, bytes, Int(count), Int32(MSG_NOSIGNAL)) }
    }
    BIO_meth_set_ctrl(method) { bio, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH: 1
      case BIO_CTRL_EOF: BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0
      default: 0
      }
    }
    return method
  }()

  /// A BIO over a descriptor that it does not own.
  static func make(_ descriptor: Int32) -> OpaquePointer? {
    guard let method, let bio = BIO_new(method) else { return nil }
    // A null pointer would be no data at all.
    BIO_set_data(bio, UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
    BIO_set_init(bio, 1)
    return bio
  }

  private static func outcome(_ bio: OpaquePointer?, _ direction: Int32, _ call: (Int32) -> Int) -> Int32 {
    guard let bio else { return -1 }
    let descriptor = Int32(Int(bitPattern: BIO_get_data(bio)) - 1)
    BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    while true {
      let count = call(descriptor)
      if count > 0 { return Int32(clamping: count) }
      if count == 0 {
        if direction == BIO_FLAGS_READ { BIO_set_flags(bio, BIO_FLAGS_IN_EOF) }
        return 0
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY)
        return -1
      default: return -1
      }
    }
  }
}
