import COpenSSL
import Glibc

/// A certificate of a test's own, with its key: an authority, a server or a client, good or wrong in one chosen way.
public final class TestCertificate: Sendable {
  public enum Kind: Sendable { case p256, rsa }

  public struct Wrong: Error {}

  // Safe: neither is changed once it is made.
  private nonisolated(unsafe) let certificate: OpaquePointer
  // Safe: as above.
  private nonisolated(unsafe) let key: OpaquePointer

  /// `issuer` nil: it signs itself. `uses`: the extended key usage, `serverAuth` or `clientAuth`. `from` and `to`: seconds
  /// from now. `under`: what the subject has before its common name, type and value. `key`: of another certificate.
  public init(
    _ commonName: String, by issuer: TestCertificate? = nil, kind: Kind = .p256, under: [(String, String)] = [],
    key other: TestCertificate? = nil, isAuthority: Bool = false,
    pathLength: Int? = nil, uses: String? = nil, names: [String] = [], from: Int = -3_600, to: Int = 30 * 86_400,
    revocationAddress: String? = nil
  ) throws {
    let made = other?.key ?? (kind == .rsa ? causeway_generate_rsa(2_048) : causeway_generate_ec("P-256"))
    guard let made, let certificate = X509_new() else { throw Wrong() }
    self.certificate = certificate
    key = made
    if other != nil { EVP_PKEY_up_ref(made) }
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...Int(Int32.max)))
    X509_gmtime_adj(X509_getm_notBefore(certificate), from)
    X509_gmtime_adj(X509_getm_notAfter(certificate), to)
    X509_set_pubkey(certificate, made)
    for (type, value) in under + [("CN", commonName)] {
      let name = Array(value.utf8)
      X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), type, 0x1000, name, Int32(name.count), -1, 0)
    }
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer?.certificate ?? certificate))
    let length = pathLength.map { ",pathlen:\($0)" } ?? ""
    try add(NID_basic_constraints, isAuthority ? "critical,CA:TRUE\(length)" : "critical,CA:FALSE")
    try add(NID_key_usage, isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature")
    if let uses { try add(NID_ext_key_usage, uses) }
    if !names.isEmpty { try add(NID_subject_alt_name, names.joined(separator: ",")) }
    if let revocationAddress { try add(NID_crl_distribution_points, "URI:\(revocationAddress)") }
    guard X509_sign(certificate, issuer?.key ?? made, EVP_sha256()) > 0 else { throw Wrong() }
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  private func add(_ identifier: Int32, _ value: String) throws {
    guard let found = X509V3_EXT_conf_nid(nil, nil, identifier, value) else { throw Wrong() }
    defer { X509_EXTENSION_free(found) }
    guard X509_add_ext(certificate, found, -1) == 1 else { throw Wrong() }
  }

  public var pem: [UInt8] { Self.text { PEM_write_bio_X509($0, certificate) } }

  public var keyPEM: [UInt8] { Self.text { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) } }

  /// This authority's list of those it takes back. `to`: seconds from now until the next list is due.
  public func revocations(of revoked: [TestCertificate] = [], from: Int = -3_600, to: Int = 86_400) throws -> [UInt8] {
    guard let list = X509_CRL_new(), let time = X509_gmtime_adj(nil, from) else { throw Wrong() }
    defer {
      X509_CRL_free(list)
      ASN1_TIME_free(time)
    }
    X509_CRL_set_version(list, 1)
    X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate))
    X509_CRL_set1_lastUpdate(list, time)
    X509_gmtime_adj(time, to)
    X509_CRL_set1_nextUpdate(list, time)
    X509_gmtime_adj(time, from)
    for one in revoked {
      guard let entry = X509_REVOKED_new() else { throw Wrong() }
      X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.certificate))
      X509_REVOKED_set_revocationDate(entry, time)
      X509_CRL_add0_revoked(list, entry)
    }
    X509_CRL_sort(list)
    guard X509_CRL_sign(list, key, EVP_sha256()) > 0 else { throw Wrong() }
    return Self.text { PEM_write_bio_X509_CRL($0, list) }
  }

  private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8] {
    guard let bio = BIO_new(BIO_s_mem()) else { return [] }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { return [] }
    var contents: UnsafeMutablePointer<CChar>?
    let count = causeway_bio_contents(bio, &contents)
    guard let contents, count > 0 else { return [] }
    return UnsafeRawBufferPointer(start: contents, count: count).map { $0 }
  }
}
