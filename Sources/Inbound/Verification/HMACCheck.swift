import Crypto
import Formats
import Web

/// A code over the body that only the holder of a shared secret can make.
struct HMACCheck: Check {
  private let signed: SignedContent
  private let keys: [HMACKey]

  init(_ settings: HMACSettings) throws(SettingsProblem) {
    signed = SignedContent(settings.signed)
    let digest: Digest =
      switch settings.algorithm {
      case .sha256: .sha256
      case .sha384: .sha384
      case .sha512: .sha512
      }
    var keys: [HMACKey] = []
    for secret in settings.secrets { keys.append(HMACKey(digest, key: try secret.bytes())) }
    self.keys = keys
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int {
    let (signature, content) = try signed.read(request, at: now)
    for (place, key) in keys.enumerated() where key.isValid(signature, for: content) { return place }
    throw .unproven("signature-wrong", "The signature is by none of the endpoint's secrets.")
  }
}
