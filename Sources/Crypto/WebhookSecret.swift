/// One secret of Standard Webhooks, in the form in which it works.
enum WebhookSecret: Sendable {
  case symmetric(HMACKey)
  case verifying(PublicKey)
  case signing(PrivateKey)

  enum Version: Substring, Sendable {
    case v1, v1a
  }

  struct Signature: Sendable {
    let version: Version
    let octets: [UInt8]
  }

  /// What the specification asks of a symmetric key.
  private static let symmetricLengths = 24...64

  init(_ text: String) throws(CryptoError) {
    if text.hasPrefix("whpk_") {
      self = .verifying(try PublicKey(ed25519: try Self.octets(text)))
    } else if text.hasPrefix("whsk_") {
      // The seed, then the public key that follows from it.
      let octets = try Self.octets(text)
      guard octets.count == 64 else { throw .malformedSecret }
      let key = try PrivateKey(ed25519: Array(octets.prefix(32)))
      guard key.publicKey.rawEd25519 == Array(octets.suffix(32)) else { throw .malformedSecret }
      self = .signing(key)
    } else {
      let octets = text.hasPrefix("whsec_") ? try Self.octets(text) : Base64.decode(text)
      guard let octets, Self.symmetricLengths.contains(octets.count) else { throw .malformedSecret }
      self = .symmetric(HMACKey(.sha256, key: octets))
    }
  }

  private static func octets(_ text: String) throws(CryptoError) -> [UInt8] {
    guard let underscore = text.firstIndex(of: "_"),
      let octets = Base64.decode(text[text.index(after: underscore)...])
    else { throw .malformedSecret }
    return octets
  }

  /// Whether any of the signatures is this secret's over the two parts.
  func matches(_ signatures: [Signature], _ head: [UInt8], _ body: [UInt8]) -> Bool {
    switch self {
    case .symmetric(let key):
      let code = key.code(for: [head, body])
      return signatures.contains { $0.version == .v1 && constantTimeEqual($0.octets, code) }
    case .verifying(let key): return Self.verify(key, signatures, head, body)
    case .signing(let key): return Self.verify(key.publicKey, signatures, head, body)
    }
  }

  private static func verify(_ key: PublicKey, _ signatures: [Signature], _ head: [UInt8], _ body: [UInt8]) -> Bool {
    guard signatures.contains(where: { $0.version == .v1a }) else { return false }
    let message = head + body
    return signatures.contains { $0.version == .v1a && key.verify($0.octets, of: message, .ed25519) }
  }

  func sign(_ head: [UInt8], _ body: [UInt8]) throws(CryptoError) -> String? {
    switch self {
    case .symmetric(let key): "v1," + Base64.encode(key.code(for: [head, body]))
    case .verifying: nil
    case .signing(let key): "v1a," + Base64.encode(try key.sign(head + body, .ed25519))
    }
  }
}
