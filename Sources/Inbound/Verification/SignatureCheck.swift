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
    algorithm =
      switch settings.algorithm {
      case .rsaSHA256: .rsaPKCS1(.sha256)
      case .rsaPSSSHA256: .rsaPSS(.sha256)
      case .ecdsaSHA256: .ecdsa(.sha256)
      case .ed25519: .ed25519
      }
    var keys: [PublicKey] = []
    for secret in settings.publicKeys {
      let pem = try secret.bytes()
      do throws(CryptoError) {
        keys.append(try PublicKey(pem: pem))
      } catch {
        throw SettingsProblem("verify", "\(secret.name): \(error)")
      }
    }
    self.keys = keys
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int {
    let (signature, content) = try signed.read(request, at: now)
    let message = content.count == 1 ? content[0] : Array(content.joined())
    for (place, key) in keys.enumerated() where key.verify(signature, of: message, algorithm) { return place }
    throw .unproven("signature-wrong", "The signature is by none of the endpoint's keys.")
  }
}
