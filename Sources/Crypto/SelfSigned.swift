import COpenSSL

extension PrivateKey {
  /// `MBSTRING_UTF8`, a macro that is not imported.
  private static let utf8: Int32 = 0x1000

  /// A certificate of this key signed by itself, PEM: what NetSuite and Salesforce ask for beside a key, and what tests
  /// of TLS use. `alternativeNames` in OpenSSL's form: `DNS:localhost`, `IP:127.0.0.1`.
  public func selfSignedCertificate(
    commonName: String, days: Int, alternativeNames: [String] = ["DNS:localhost", "IP:127.0.0.1"]
  ) throws(CryptoError) -> [UInt8] {
    defer { ERR_clear_error() }
    guard let certificate = X509_new() else { throw .failed }
    defer { X509_free(certificate) }
    let name = Array(commonName.utf8)
    guard X509_set_version(certificate, 2) == 1, setSerial(certificate),
      X509_gmtime_adj(X509_getm_notBefore(certificate), -300) != nil,
      X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86_400) != nil,
      X509_set_pubkey(certificate, key) == 1,
      let subject = X509_get_subject_name(certificate),
      X509_NAME_add_entry_by_txt(subject, "CN", Self.utf8, name, Int32(clamping: name.count), -1, 0) == 1,
      X509_set_issuer_name(certificate, subject) == 1,
      add(NID_basic_constraints, "critical,CA:TRUE", to: certificate),
      alternativeNames.isEmpty
        || add(NID_subject_alt_name, alternativeNames.joined(separator: ","), to: certificate),
      X509_sign(certificate, key, kind == .ed25519 ? nil : EVP_sha256()) > 0
    else { throw .failed }
    return try PEM.write { PEM_write_bio_X509($0, certificate) == 1 }
  }

  /// Sixteen random octets with a clear first bit: positive, and unlike any other (RFC 5280 4.1.2.2).
  private func setSerial(_ certificate: OpaquePointer) -> Bool {
    var serial = Random.bytes(16)
    serial[0] = serial[0] & 0x7F | 1
    guard let number = BN_bin2bn(serial, 16, nil) else { return false }
    defer { BN_free(number) }
    return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
  }

  private func add(_ identifier: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
    guard let found = X509V3_EXT_conf_nid(nil, nil, identifier, value) else { return false }
    defer { X509_EXTENSION_free(found) }
    return X509_add_ext(certificate, found, -1) == 1
  }
}
