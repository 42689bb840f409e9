import Crypto
import Formats
import Web

/// A signature over the body by a private key that we do not hold.
struct SignatureCheck: Check {
  private let signed: SignedContent
  private let algorithm: SignatureAlgorithm
  private let keys: [PublicKey]

  init(_ settings: SignatureSettings) throws(SettingsProblem) {
    signed = SignedContent(settings.signed)
    algorithm = settings.algorithm.scheme
    var keys: [PublicKey] = []
    for secret in settings.publicKeys {
      let key = try PublicKey(secret)
      guard algorithm.fits(key.kind) else {
        throw SettingsProblem("verify", "\(secret.name) is no key for \(settings.algorithm.rawValue)")
      }
      keys.append(key)
    }
    self.keys = keys
  }

  /// Ends with the first key that fits: which one that is, is no secret.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    let claim = try signed.read(request, at: now)
    var message: [UInt8] = []
    for part in claim.content { message += part }
    for (place, key) in keys.enumerated() {
      for signature in claim.signatures where key.verify(signature, of: message, algorithm) { return Proven(place) }
    }
    throw .unproven("signature-wrong")
  }
}

extension PublicKey {
  /// PEM: a key or a certificate.
  convenience init(_ secret: SourceSecret) throws(SettingsProblem) {
    let pem = try secret.bytes()
    do throws(CryptoError) {
      try self.init(pem: pem)
    } catch {
      throw SettingsProblem("verify", "\(secret.name): \(error)")
    }
  }
}
