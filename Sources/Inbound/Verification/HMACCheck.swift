import Crypto
import Formats
import Web

/// A code over the body that only the holder of a shared secret can make.
struct HMACCheck: Check {
  private let signed: SignedContent
  private let keys: [(name: String, key: HMACKey)]

  init(_ settings: HMACSettings) throws(SettingsProblem) {
    signed = SignedContent(settings.signed)
    let digest: Digest =
      switch settings.algorithm {
      case .sha256: .sha256
      case .sha384: .sha384
      case .sha512: .sha512
      }
    var keys: [(name: String, key: HMACKey)] = []
    for secret in settings.secrets { keys.append((secret.name, HMACKey(digest, key: try secret.bytes()))) }
    self.keys = keys
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> String {
    let (signature, content) = try signed.read(request, at: now)
    for key in keys where key.key.isValid(signature, for: content) { return "hmac \(key.name)" }
    throw .unproven("signature-wrong", "The signature is by none of the endpoint's secrets.")
  }
}
