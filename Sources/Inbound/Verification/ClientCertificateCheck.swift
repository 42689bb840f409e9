import Crypto
import Formats
import Web

/// The client's certificate: what our own TLS verified, or what a listed proxy says that its TLS did (RFC 9440).
///
/// A pin is a proof by itself. A subject is worth what the authority is that gave it: whoever terminates TLS has to have
/// checked the chain. Its time is looked at here: a connection may outlive its certificate, and a proxy may not look.
struct ClientCertificateCheck: Check {
  private let certificates: [[UInt8]]
  private let keys: [[UInt8]]
  private let subjects: [CertificateName]

  init(_ settings: ClientCertificateSettings) throws(SettingsProblem) {
    guard let problem = Self.problems(settings).first else {
      certificates = settings.certificates.compactMap { try? CertificatePin.read($0) }
      keys = settings.keys.compactMap { try? CertificatePin.read($0) }
      subjects = settings.subjects.compactMap { try? CertificateName($0) }
      return
    }
    throw problem
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard let certificate = request.peer.certificate else { throw .unproven("certificate-missing") }
    guard let key = place(of: certificate) else { throw .unproven("certificate-wrong") }
    let seconds = now.secondsSince1970
    guard certificate.notBefore <= seconds else { throw .unproven("certificate-not-yet-valid") }
    guard seconds <= certificate.notAfter else { throw .unproven("certificate-expired") }
    return Proven(key)
  }

  /// The place of the pin that holds, or of the subject where there are no pins.
  private func place(of certificate: Certificate) -> Int? {
    if certificates.isEmpty, keys.isEmpty { return subject(of: certificate) }
    guard let pin = pin(of: certificate), subjects.isEmpty || subject(of: certificate) != nil else { return nil }
    return pin
  }

  private func subject(of certificate: Certificate) -> Int? { subjects.firstIndex { $0.names(certificate) } }

  private func pin(of certificate: Certificate) -> Int? {
    if !certificates.isEmpty, let place = certificates.firstIndex(of: certificate.fingerprint) { return place }
    guard !keys.isEmpty, let place = keys.firstIndex(of: certificate.spkiFingerprint) else { return nil }
    return certificates.count + place
  }

  static func problems(_ settings: ClientCertificateSettings) -> [SettingsProblem] {
    if settings.certificates.isEmpty, settings.keys.isEmpty, settings.subjects.isEmpty {
      return [SettingsProblem([], "say whose certificate, with sha256, spki-sha256 or subject")]
    }
    return problems("sha256", settings.certificates) { (text) throws(SettingsProblem) in
      _ = try CertificatePin.read(text)
    }
      + problems("spki-sha256", settings.keys) { (text) throws(SettingsProblem) in _ = try CertificatePin.read(text) }
      + problems("subject", settings.subjects) { (text) throws(SettingsProblem) in _ = try CertificateName(text) }
  }

  private static func problems(
    _ key: String, _ texts: [String], _ read: (String) throws(SettingsProblem) -> Void
  ) -> [SettingsProblem] {
    texts.enumerated().compactMap { place, text in
      do throws(SettingsProblem) {
        try read(text)
        return nil
      } catch {
        return error.inside([key, "\(place)"])
      }
    }
  }
}
