import COpenSSL

/// Whose client certificates are accepted, and which of them were revoked.
///
/// Without lists of revocations an authority may be any certificate: a root, one below it, or a client's own that signed
/// itself. With lists, chains are followed to their root, and every authority on the way needs a list that is in force:
/// where it is missing or out of date the client is refused.
final class ClientAuthorities: Sendable {
  private let file: TLSSettings.Text
  private let authorities: [Certificate]
  private let lists: [RevocationList]
  private let listFile: TLSSettings.Text?

  init(_ text: TLSSettings.Text, revocations: TLSSettings.Text?) throws(TLSProblem) {
    file = text
    authorities = try Certificate.all(in: text)
    guard !authorities.isEmpty else {
      throw TLSProblem(text, "holds no certificate; expected PEM: the authorities whose clients may come in")
    }
    listFile = revocations
    guard let revocations else {
      lists = []
      return
    }
    lists = try RevocationList.all(in: revocations)
    try checkLists(revocations)
  }

  /// The certificates without which nobody's chain can be followed.
  private func checkLists(_ revocations: TLSSettings.Text) throws(TLSProblem) {
    for list in lists where !authorities.contains(where: list.isIssued) {
      throw TLSProblem(revocations, "the list of \(list.issuer) is by none of the authorities in \(file.name)")
    }
    for authority in authorities {
      guard authorities.contains(where: authority.isIssued) else {
        throw TLSProblem(
          file,
          "the issuer of \(authority.subject) is not there; where revocation is looked at, chains are followed to their "
            + "root")
      }
      guard lists.contains(where: { $0.isIssued(by: authority) }) else {
        throw TLSProblem(revocations, "there is no list by \(authority.subject): each authority needs one")
      }
    }
  }

  func use(in context: OpaquePointer) throws(TLSProblem) {
    guard let store = SSL_CTX_get_cert_store(context) else { throw TLSProblem("OpenSSL gave no store") }
    for authority in authorities {
      guard X509_STORE_add_cert(store, authority.certificate) == 1,
        SSL_CTX_add_client_CA(context, authority.certificate) == 1
      else { throw TLSProblem(file, "OpenSSL refuses \(authority.subject): \(TLSReason.last)") }
    }
    for list in lists where X509_STORE_add_crl(store, list.list) != 1 {
      throw TLSProblem(listFile ?? file, "OpenSSL refuses the list of \(list.issuer): \(TLSReason.last)")
    }
    let flags =
      listFile == nil ? UInt(X509_V_FLAG_PARTIAL_CHAIN) : UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
    X509_STORE_set_flags(store, flags)
    SSL_CTX_set_verify_depth(context, TLSProfile.clientChainDepth)
    // Asked for, not demanded: it is an endpoint's to demand one. What is presented has to be good.
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
  }

  func concerns(at now: Int64) -> [TLSConcern] {
    var concerns: [TLSConcern] = []
    for authority in authorities where authority.notAfter - now < TLSProfile.certificateWarning {
      let isOver = authority.notAfter <= now
      concerns.append(
        TLSConcern(
          description: "\(file.name): \(authority.subject) \(isOver ? "ended on" : "ends on") "
            + TLSDate.text(authority.notAfter) + (isOver ? ": its clients are refused" : ""), isAlarm: isOver))
    }
    for list in lists where list.nextUpdate - now < TLSProfile.revocationWarning {
      let isOver = list.nextUpdate <= now
      concerns.append(
        TLSConcern(
          description: "\((listFile ?? file).name): the list of \(list.issuer) \(isOver ? "was" : "is") in force until "
            + TLSDate.text(list.nextUpdate) + (isOver ? ": clients of this authority are refused" : ""),
          isAlarm: isOver))
    }
    return concerns
  }
}

/// An authority's list of the certificates that it takes back (RFC 5280 5).
final class RevocationList: Sendable {
  // Safe: not changed after it is made.
  nonisolated(unsafe) let list: OpaquePointer
  let issuer: String
  /// Seconds since 1970; from then on it says nothing.
  let nextUpdate: Int64

  private init(owning list: OpaquePointer, nextUpdate: Int64) {
    self.list = list
    self.nextUpdate = nextUpdate
    issuer = X509_CRL_get_issuer(list).map(Certificate.text) ?? ""
  }

  deinit { X509_CRL_free(list) }

  static func all(in file: TLSSettings.Text) throws(TLSProblem) -> [RevocationList] {
    var found: [RevocationList] = []
    let isWhole = PEM.readAll(file.bytes, { PEM_read_bio_X509_CRL($0, nil, PEM.noPassphrase, nil) }) { list in
      found.append(
        RevocationList(owning: list, nextUpdate: Certificate.seconds(X509_CRL_get0_nextUpdate(list)) ?? .min))
    }
    guard isWhole else { throw TLSProblem(file, "list \(found.count + 1) cannot be read") }
    guard !found.isEmpty else {
      throw TLSProblem(file, "holds no list of revocations; expected PEM (`BEGIN X509 CRL`), one for each authority")
    }
    if let endless = found.first(where: { $0.nextUpdate == .min }) {
      throw TLSProblem(file, "the list of \(endless.issuer) does not say when the next is due, so it cannot be trusted")
    }
    return found
  }

  func isIssued(by authority: Certificate) -> Bool {
    defer { ERR_clear_error() }
    guard X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(authority.certificate)) == 0,
      let key = X509_get0_pubkey(authority.certificate)
    else { return false }
    return X509_CRL_verify(list, key) == 1
  }
}
