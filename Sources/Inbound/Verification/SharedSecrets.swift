import Crypto

/// Secrets that a sender shows as they are. Digests are compared, so that not even a length shows in the time it takes,
/// and every one of them, whichever it is.
struct SharedSecrets: Sendable {
  private let digests: [[UInt8]]

  init(_ secrets: [SourceSecret], check: (SourceSecret, [UInt8]) throws(SettingsProblem) -> Void = { _, _ in })
    throws(SettingsProblem)
  {
    var digests: [[UInt8]] = []
    for secret in secrets {
      let bytes = try secret.bytes()
      try check(secret, bytes)
      digests.append(Digest.sha256.hash(bytes))
    }
    self.digests = digests
  }

  func place(of shown: [UInt8]) -> Int? {
    let digest = Digest.sha256.hash(shown)
    var found: Int?
    for (place, known) in digests.enumerated() where constantTimeEqual(known, digest) { found = found ?? place }
    return found
  }
}
