import Crypto
import Formats

/// A message in compact form (RFC 7515 7.1), read and not yet verified: nothing of it may be believed, but it may say
/// which key to try.
public struct UnverifiedJWS: Sendable {
  /// The header's `kid` (RFC 7515 4.1.4); nil where there is none.
  public var keyID: String? { header["kid"]?.string }

  private let header: JSONObject
  private let payload: [UInt8]
  private let signature: [UInt8]
  private let signed: [UInt8]

  /// Octets of a token; a signature of the largest key and any sensible payload are far below.
  private static let maxLength = 64 * 1024

  public init(_ token: some StringProtocol) throws(JWTError) {
    guard token.utf8.count <= Self.maxLength else { throw .malformed }
    let parts = Array(token.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let headerText = Self.decode(parts[0]), let payload = Self.decode(parts[1]),
      let signature = Self.decode(parts[2]), let header = (try? JSON.parse(headerText))?.object
    else { throw .malformed }
    if let id = header["kid"], id.string == nil { throw .malformed }
    self.header = header
    self.payload = payload
    self.signature = signature
    signed = Array(parts[0]) + [UInt8(ascii: ".")] + parts[1]
  }

  private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
    Base64URL.decode(String(decoding: part, as: UTF8.self))
  }

  /// The header's `alg` must be the expected one: the sender does not choose how it is checked (RFC 8725 3.1).
  public func verify(key: PublicKey, algorithm: JWTAlgorithm) throws(JWTError) -> JWS {
    try check(algorithm.rawValue)
    guard algorithm.fits(key.kind) else { throw .wrongAlgorithm }
    guard key.verify(signature, of: signed, algorithm.signature) else { throw .badSignature }
    return JWS(header: header, payload: payload)
  }

  /// HS256, HS384 or HS512, as the key's digest says.
  public func verify(key: HMACKey) throws(JWTError) -> JWS {
    guard let name = Self.hmacName(key.digest) else { throw .wrongAlgorithm }
    try check(name)
    guard key.isValid(signature, for: [signed]) else { throw .badSignature }
    return JWS(header: header, payload: payload)
  }

  private func check(_ algorithm: String) throws(JWTError) {
    guard header["alg"]?.string == algorithm else { throw .wrongAlgorithm }
    guard header["crit"] == nil, header["b64"] == nil else { throw .unsupported }
  }

  private static func hmacName(_ digest: Digest) -> String? {
    switch digest {
    case .sha256: "HS256"
    case .sha384: "HS384"
    case .sha512: "HS512"
    case .sha1: nil
    }
  }
}
