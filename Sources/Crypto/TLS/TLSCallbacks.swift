import COpenSSL

// What OpenSSL asks while it shakes hands. Each function is called on the thread that shakes hands.

/// The context that a connection began with.
private func context(of ssl: OpaquePointer) -> TLSContext? {
  guard let me = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else { return nil }
  return Unmanaged<TLSContext>.fromOpaque(me).takeUnretainedValue()
}

/// Chooses the certificate by the name that the client asks for, before anything is resumed. Where client certificates
/// are asked for, a name that is not ours is refused: who means another host must not be let in here.
let chooseCertificate: SSL_client_hello_cb_fn = { ssl, alert, _ in
  guard let ssl, let context = context(of: ssl) else { return 0 }
  var bytes: UnsafePointer<UInt8>?
  var count = 0
  guard SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_server_name), &bytes, &count) == 1 else { return 1 }
  // What is malformed is OpenSSL's to refuse.
  guard let name = ServerName.read(UnsafeBufferPointer(start: bytes, count: count)) else { return 1 }
  if let index = context.names.index(of: name) {
    if index > 0 { SSL_set_SSL_CTX(ssl, context.contexts[index]) }
    return 1
  }
  guard context.asksForClientCertificate else { return 1 }
  alert?.pointee = TLSAlert.unrecognizedName
  return 0
}

/// Tells the client that its name was what chose the certificate (RFC 6066 3).
let acknowledgeName: @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 =
  { ssl, _, _ in
    guard let ssl, let context = context(of: ssl), let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
      return SSL_TLSEXT_ERR_NOACK
    }
    return context.names.index(of: String(cString: name)) == nil ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK
  }

/// HTTP/1.1 or a fatal alert (RFC 7301 3.2). Asked only where the client offers anything.
let chooseProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenCount, offered, offeredCount, _ in
  let http = StaticString("http/1.1")
  var rest = UnsafeBufferPointer(start: offered, count: Int(offeredCount))[...]
  while let length = rest.first, rest.count > Int(length) {
    let name = rest.dropFirst().prefix(Int(length))
    if name.elementsEqual(UnsafeBufferPointer(start: http.utf8Start, count: http.utf8CodeUnitCount)) {
      chosen?.pointee = http.utf8Start
      chosenCount?.pointee = UInt8(http.utf8CodeUnitCount)
      return SSL_TLSEXT_ERR_OK
    }
    rest = rest.dropFirst(1 + Int(length))
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Seals a ticket, or finds the key that one was sealed with.
let ticketKey:
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?, Int32
  ) -> Int32 = { ssl, name, vector, cipher, code, seals in
    guard let ssl, let name, let vector, let cipher, let code, let context = context(of: ssl) else { return -1 }
    return seals == 1
      ? context.tickets.seal(name, vector, cipher, code) : context.tickets.open(name, vector, cipher, code)
  }

enum TLSAlert {
  /// RFC 6066 3.
  static let unrecognizedName: Int32 = 112
}
