/// Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): a request signed
/// over `{webhook-id}.{webhook-timestamp}.{raw body}`, by HMAC-SHA256 (`v1`) or Ed25519 (`v1a`).
///
/// Stricter than the reference libraries where those differ: secrets are canonical base64, timestamps are plain
/// decimal numbers, and an id has no `.`, since `a.1` + `.2.` would sign the same octets as `a` + `.1.2.`.
public struct StandardWebhooks: Sendable {
  public enum Failure: Error, Hashable, Sendable {
    /// One of the three headers is not there.
    case missing
    case malformedID, malformedTimestamp
    case tooOld, tooNew
    /// No signature is by any of the secrets.
    case noMatch
  }

  public struct Proof: Hashable, Sendable {
    public let id: String
    /// Of this attempt, seconds since 1970.
    public let timestamp: Int64
    /// Which of the secrets, by its place.
    public let secret: Int

    public init(id: String, timestamp: Int64, secret: Int) {
      self.id = id
      self.timestamp = timestamp
      self.secret = secret
    }
  }

  /// Signatures looked at in one header; rotation needs a few.
  private static let maxSignatures = 32
  private static let maxIDLength = 256

  private let keys: [WebhookSecret]
  private let tolerance: Int64

  /// Any of the secrets may have signed: `whsec_` (or the bare base64), `whpk_`, `whsk_`. `tolerance`: seconds.
  public init(secrets: [String], tolerance: Int64 = 300) throws(CryptoError) {
    guard !secrets.isEmpty else { throw .malformedSecret }
    var keys: [WebhookSecret] = []
    for secret in secrets { keys.append(try WebhookSecret(secret)) }
    self.keys = keys
    self.tolerance = tolerance
  }

  /// The headers as they came; `now` in seconds since 1970.
  public func verify(id: String?, timestamp: String?, signature: String?, body: [UInt8], now: Int64)
    throws(Failure) -> Proof
  {
    guard let id, let timestamp, let signature else { throw .missing }
    guard Self.isID(id) else { throw .malformedID }
    guard let seconds = Self.seconds(timestamp) else { throw .malformedTimestamp }
    if now - seconds > tolerance { throw .tooOld }
    if seconds - now > tolerance { throw .tooNew }
    let signatures = Self.signatures(signature)
    let head = Array("\(id).\(timestamp).".utf8)
    for (place, key) in keys.enumerated() where key.matches(signatures, head, body) {
      return Proof(id: id, timestamp: seconds, secret: place)
    }
    throw .noMatch
  }

  /// The value of `webhook-signature`: a signature by every secret that can sign; empty where none can.
  public func sign(id: String, timestamp: Int64, body: [UInt8]) throws(CryptoError) -> String {
    let head = Array("\(id).\(timestamp).".utf8)
    var signatures: [String] = []
    for key in keys {
      if let signature = try key.sign(head, body) { signatures.append(signature) }
    }
    return signatures.joined(separator: " ")
  }

  private static func isID(_ id: String) -> Bool {
    (1...maxIDLength).contains(id.utf8.count)
      && id.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ".") }
  }

  /// At most twelve digits, no leading zero, nothing else.
  private static func seconds(_ text: String) -> Int64? {
    let digits = text.utf8
    guard (1...12).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    var seconds: Int64 = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      seconds = seconds * 10 + Int64(digit - 0x30)
    }
    return seconds
  }

  /// `version,base64` separated by spaces; what is malformed or of another version is skipped.
  private static func signatures(_ header: String) -> [WebhookSecret.Signature] {
    header.split(separator: " ").prefix(maxSignatures).compactMap { token in
      guard let comma = token.firstIndex(of: ","), let version = WebhookSecret.Version(rawValue: token[..<comma]),
        let octets = Base64.decode(token[token.index(after: comma)...])
      else { return nil }
      return WebhookSecret.Signature(version: version, octets: octets)
    }
  }
}
