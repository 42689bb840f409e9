import Crypto
import Formats
import Web

/// A code over the body that only the holder of a shared secret can make.
struct HMACCheck: Check {
  private let signed: SignedContent
  private let keys: [HMACKey]

  init(_ settings: HMACSettings) throws(SettingsProblem) {
    signed = SignedContent(settings.signed)
    var keys: [HMACKey] = []
    for secret in settings.secrets { keys.append(HMACKey(settings.algorithm, key: try secret.bytes())) }
    self.keys = keys
  }

  /// Every key's code is made and compared whole with every signature, whichever holds.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    let claim = try signed.read(request, at: now)
    var found: Int?
    for (place, key) in keys.enumerated() {
      let code = key.code(for: claim.content)
      for signature in claim.signatures where constantTimeEqual(signature, code) { found = found ?? place }
    }
    guard let found else { throw .unproven("signature-wrong") }
    return Proven(found)
  }
}
