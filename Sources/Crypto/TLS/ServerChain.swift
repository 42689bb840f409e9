import COpenSSL

/// A certificate, what leads to its authority, and its key: checked to be what a client will accept.
struct ServerChain: Sendable {
  let file: TLSSettings.Text
  let certificates: [Certificate]
  let key: PrivateKey

  init(_ pair: TLSSettings.Pair, now: Int64) throws(TLSProblem) {
    file = pair.certificate
    certificates = try Certificate.all(in: pair.certificate)
    guard let leaf = certificates.first else {
      throw TLSProblem(
        file, "holds no certificate; expected PEM: the server's certificate, then each one's issuer, without the root")
    }
    do throws(CryptoError) {
      key = try PrivateKey(pem: pair.key.bytes)
    } catch .unsupportedKey {
      throw TLSProblem(
        pair.key, "the key's kind or size is not supported: RSA of 2048 bits or more, P-256, P-384, Ed25519")
    } catch {
      throw TLSProblem(
        pair.key, "holds no private key that can be read; expected PEM (`BEGIN PRIVATE KEY`), not encrypted")
    }
    try checkKey(leaf, pair.key)
    try checkOrder()
    try checkDates(now)
    try checkUse(leaf)
  }

  /// The host names that the certificate is for. The common name counts where there are no others, as clients do it.
  var names: [String] {
    let found = certificates[0].subjectAlternativeNames.filter { $0.hasPrefix("DNS:") }.map { String($0.dropFirst(4)) }
    return found.isEmpty ? [certificates[0].commonName].compactMap { $0 } : found
  }

  func use(in context: OpaquePointer) throws(TLSProblem) {
    guard SSL_CTX_use_certificate(context, certificates[0].certificate) == 1,
      SSL_CTX_use_PrivateKey(context, key.key) == 1, SSL_CTX_check_private_key(context) == 1
    else {
      throw TLSProblem(file, "OpenSSL refuses the certificate: \(TLSReason.last)")
    }
    for (index, certificate) in certificates.enumerated().dropFirst() {
      let pointer = UnsafeMutableRawPointer(certificate.certificate)
      guard SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, pointer) == 1 else {
        throw TLSProblem(file, "OpenSSL refuses \(name(index)): \(TLSReason.last)")
      }
    }
  }

  func concerns(at now: Int64) -> [TLSConcern] {
    var concerns: [TLSConcern] = []
    for (index, certificate) in certificates.enumerated() {
      let end = certificate.notAfter
      guard end - now < TLSProfile.certificateWarning else { continue }
      let text = end <= now ? "ended on" : "ends on"
      concerns.append(
        TLSConcern(description: "\(file.name): \(name(index)) \(text) \(TLSDate.text(end))", isAlarm: end <= now))
    }
    if certificates.count > 1, certificates[certificates.count - 1].isSelfIssued {
      concerns.append(
        TLSConcern(
          description: "\(file.name): \(name(certificates.count - 1)) is a root, which is not to be sent: leave it out",
          isAlarm: false))
    }
    return concerns
  }

  // MARK: Checks

  /// As errors name a certificate: its place in the file, from 1, and its subject.
  private func name(_ index: Int) -> String { "certificate \(index + 1) (\(certificates[index].subject))" }

  private func checkKey(_ leaf: Certificate, _ keyFile: TLSSettings.Text) throws(TLSProblem) {
    defer { ERR_clear_error() }
    if X509_check_private_key(leaf.certificate, key.key) == 1 { return }
    if let index = certificates.firstIndex(where: { X509_check_private_key($0.certificate, key.key) == 1 }) {
      throw TLSProblem(keyFile, "is the key of \(name(index)) in \(file.name), which has to stand first there")
    }
    throw TLSProblem(
      keyFile, "is not the key of \(file.name): \(name(0)) was made for another; put the two that belong together")
  }

  private func checkOrder() throws(TLSProblem) {
    for index in certificates.indices.dropFirst() {
      let (one, issuer) = (certificates[index - 1], certificates[index])
      guard one.isIssued(by: issuer) else {
        throw TLSProblem(
          file,
          "\(name(index)) did not sign \(name(index - 1)), whose issuer is \(one.issuer); "
            + "expected the server's certificate first, then each one's issuer, in that order")
      }
    }
  }

  private func checkDates(_ now: Int64) throws(TLSProblem) {
    for (index, certificate) in certificates.enumerated() {
      if certificate.notAfter <= now {
        throw TLSProblem(file, "\(name(index)) ended on \(TLSDate.text(certificate.notAfter)); a renewed one is needed")
      }
      if certificate.notBefore > now {
        throw TLSProblem(file, "\(name(index)) is valid only from \(TLSDate.text(certificate.notBefore)) on")
      }
    }
  }

  private func checkUse(_ leaf: Certificate) throws(TLSProblem) {
    guard leaf.isForServers else {
      throw TLSProblem(file, "\(name(0)) is not for servers: its extended key usage lacks serverAuth")
    }
    for index in certificates.indices.dropFirst() where !certificates[index].isAuthority {
      throw TLSProblem(file, "\(name(index)) is not an authority's: only those that lead to the root follow the first")
    }
  }
}

extension Certificate {
  /// Every certificate of a PEM text, in order.
  static func all(in file: TLSSettings.Text) throws(TLSProblem) -> [Certificate] {
    var found: [Certificate] = []
    let isWhole = PEM.readAll(file.bytes, { PEM_read_bio_X509($0, nil, PEM.noPassphrase, nil) }) {
      found.append(Certificate(owning: $0))
    }
    guard isWhole else { throw TLSProblem(file, "certificate \(found.count + 1) cannot be read") }
    return found
  }

  /// The issuer's name, key and extensions fit, and its key made the signature.
  func isIssued(by issuer: Certificate) -> Bool {
    defer { ERR_clear_error() }
    guard X509_check_issued(issuer.certificate, certificate) == X509_V_OK,
      let key = X509_get0_pubkey(issuer.certificate)
    else { return false }
    return X509_verify(certificate, key) == 1
  }

  var isSelfIssued: Bool { isIssued(by: self) }

  var isAuthority: Bool { X509_check_ca(certificate) > 0 }

  var isForServers: Bool {
    let use = X509_get_extended_key_usage(certificate)
    return use == UInt32.max || use & UInt32(XKU_SSL_SERVER) != 0
  }
}
