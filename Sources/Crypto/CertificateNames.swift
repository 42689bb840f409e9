import COpenSSL
import Glibc

/// What a certificate says of itself.
extension Certificate {
  /// SHA-256 of the SubjectPublicKeyInfo: it stays the same where a certificate is renewed with its key.
  public var spkiFingerprint: [UInt8] {
    guard let key = X509_get_X509_PUBKEY(certificate) else { return [] }
    return Digest.sha256.hash(DER.encode { i2d_X509_PUBKEY(key, $0) } ?? [])
  }

  /// Whom it is for, as RFC 4514 writes names: `CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US`.
  public var subject: String { X509_get_subject_name(certificate).map(Self.text) ?? "" }

  /// Who signed it, written alike.
  public var issuer: String { X509_get_issuer_name(certificate).map(Self.text) ?? "" }

  /// The subject's only common name; nil where there is none, and where there are several: nobody could say which counts.
  public var commonName: String? {
    guard let name = X509_get_subject_name(certificate) else { return nil }
    let at = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard at >= 0, X509_NAME_get_index_by_NID(name, NID_commonName, at) < 0,
      let data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))
    else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&text, data)
    guard count > 0, let text else { return nil }
    defer { causeway_free(text) }
    let bytes = UnsafeBufferPointer(start: text, count: Int(count))
    // A zero in a name has made many a comparison stop early.
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// Whom else it is for: `DNS:example.com`, `URI:…`, `email:…`. What is not printable ASCII is left out, as is every
  /// other kind of name.
  public var subjectAlternativeNames: [String] {
    guard let found = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let names = OpaquePointer(found)
    defer { GENERAL_NAMES_free(names) }
    var texts: [String] = []
    for index in 0..<max(0, OPENSSL_sk_num(names)) {
      guard let name = OPENSSL_sk_value(names, index)?.assumingMemoryBound(to: GENERAL_NAME.self) else { continue }
      let prefix: String
      switch name.pointee.type {
      case GEN_DNS: prefix = "DNS:"
      case GEN_EMAIL: prefix = "email:"
      case GEN_URI: prefix = "URI:"
      default: continue
      }
      guard let text = name.pointee.d.ia5, let data = ASN1_STRING_get0_data(text) else { continue }
      let bytes = UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(text)))
      guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { continue }
      texts.append(prefix + String(decoding: bytes, as: UTF8.self))
    }
    return texts
  }

  /// Seconds since 1970; the certificate counts from here…
  public var notBefore: Int64 { Self.seconds(X509_get0_notBefore(certificate)) ?? .max }

  /// … until here.
  public var notAfter: Int64 { Self.seconds(X509_get0_notAfter(certificate)) ?? .min }

  /// Big-endian, without leading zeros.
  public var serial: [UInt8] {
    guard let serial = X509_get0_serialNumber(certificate), let data = ASN1_STRING_get0_data(serial) else { return [] }
    return Array(UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(serial))))
  }

  static func text(_ name: OpaquePointer) -> String {
    let bytes = try? PEM.write { X509_NAME_print_ex($0, name, 0, causeway_name_flags) >= 0 }
    return String(decoding: bytes ?? [], as: UTF8.self)
  }

  static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return Int64(timegm(&parts))
  }
}

extension Certificate: Hashable {
  /// Equal to the last octet.
  public static func == (one: Certificate, other: Certificate) -> Bool { one === other || one.der == other.der }

  public func hash(into hasher: inout Hasher) { hasher.combine(der) }
}
