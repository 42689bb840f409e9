import COpenSSL

/// ECDSA signatures between their two forms: DER, and r || s.
enum RawSignature {
  /// nil unless `raw` is exactly two scalars long.
  static func der(_ raw: [UInt8], scalarLength: Int) -> [UInt8]? {
    guard raw.count == 2 * scalarLength, let signature = ECDSA_SIG_new() else { return nil }
    defer { ECDSA_SIG_free(signature) }
    let (r, s) = raw.withUnsafeBufferPointer { octets in
      (
        BN_bin2bn(octets.baseAddress, Int32(scalarLength), nil),
        BN_bin2bn(octets.baseAddress.map { $0 + scalarLength }, Int32(scalarLength), nil)
      )
    }
    guard let r, let s, ECDSA_SIG_set0(signature, r, s) == 1 else {
      BN_free(r)
      BN_free(s)
      return nil
    }
    return DER.encode { i2d_ECDSA_SIG(signature, $0) }
  }

  static func raw(_ der: [UInt8], scalarLength: Int) -> [UInt8]? {
    let signature = der.withUnsafeBufferPointer { octets in
      var cursor = octets.baseAddress
      return d2i_ECDSA_SIG(nil, &cursor, octets.count)
    }
    guard let signature else { return nil }
    defer { ECDSA_SIG_free(signature) }
    var raw = [UInt8](repeating: 0, count: 2 * scalarLength)
    let isWritten = raw.withUnsafeMutableBufferPointer { octets in
      let width = Int32(scalarLength)
      return BN_bn2binpad(ECDSA_SIG_get0_r(signature), octets.baseAddress, width) == width
        && BN_bn2binpad(ECDSA_SIG_get0_s(signature), octets.baseAddress.map { $0 + scalarLength }, width) == width
    }
    return isWritten ? raw : nil
  }
}
