import COpenSSL

/// Text around DER (RFC 7468), through OpenSSL's memory BIOs.
enum PEM {
  /// Hands `read` a BIO over these octets. Whatever fails leaves nothing on the thread's error queue, which TLS on the
  /// same thread would trip over.
  static func read(_ bytes: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
    bytes.withUnsafeBytes { raw in
      guard let bio = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else { return nil }
      defer {
        BIO_free(bio)
        ERR_clear_error()
      }
      return read(bio)
    }
  }

  /// Hands `take` every block that `read` finds, in order; false where one cannot be read. What is not PEM between them
  /// is not looked at.
  static func readAll(
    _ bytes: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?, take: (OpaquePointer) -> Void
  ) -> Bool {
    bytes.withUnsafeBytes { raw in
      ERR_clear_error()
      guard let bio = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else { return false }
      defer {
        BIO_free(bio)
        ERR_clear_error()
      }
      while let object = read(bio) { take(object) }
      return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
    }
  }

  static func write(_ write: (OpaquePointer) -> Bool) throws(CryptoError) -> [UInt8] {
    defer { ERR_clear_error() }
    guard let bio = BIO_new(BIO_s_mem()) else { throw .failed }
    defer { BIO_free(bio) }
    guard write(bio) else { throw .failed }
    var contents: UnsafeMutablePointer<CChar>?
    let count = causeway_bio_contents(bio, &contents)
    guard let contents, count > 0 else { throw .failed }
    return UnsafeRawBufferPointer(start: contents, count: count).map { $0 }
  }

  /// Instead of OpenSSL's own, which asks on the terminal for the passphrase of an encrypted key.
  static let noPassphrase:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
      { _, _, _, _ in -1 }
}

enum DER {
  /// Calls an `i2d` function twice: for the length, then for the octets.
  static func encode(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
    let length = Int(encode(nil))
    guard length > 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: length) { out, count in
      var cursor = out.baseAddress
      count = Int(encode(&cursor))
    }
  }

  /// Calls a `d2i` function and asks that it took every octet.
  static func decode(
    _ bytes: [UInt8], _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?,
    free: (OpaquePointer) -> Void
  ) -> OpaquePointer? {
    bytes.withUnsafeBufferPointer { octets in
      defer { ERR_clear_error() }
      var cursor = octets.baseAddress
      guard let start = octets.baseAddress, let object = decode(&cursor, octets.count) else { return nil }
      guard cursor == start + octets.count else {
        free(object)
        return nil
      }
      return object
    }
  }
}
