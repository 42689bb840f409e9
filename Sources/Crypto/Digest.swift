import COpenSSL

/// The SHA family (FIPS 180-4). SHA-1 is here for senders that sign with HMAC-SHA1; nothing of ours uses it.
public enum Digest: String, Hashable, Sendable, CaseIterable {
  case sha1, sha256, sha384, sha512

  /// Octets of a hash.
  public var length: Int {
    switch self {
    case .sha1: 20
    case .sha256: 32
    case .sha384: 48
    case .sha512: 64
    }
  }

  /// Octets that are hashed together; HMAC pads its key to it.
  var blockLength: Int {
    switch self {
    case .sha1, .sha256: 64
    case .sha384, .sha512: 128
    }
  }

  public func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span.bytes) }

  public func hash(_ bytes: RawSpan) -> [UInt8] {
    var state = DigestState(self)
    state.update(bytes)
    return state.finish()
  }

  var method: OpaquePointer? {
    switch self {
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    }
  }
}

/// A hash that takes its octets piece by piece. A copy goes its own way from there.
public struct DigestState: Sendable {
  private enum Context: Sendable {
    case sha1(SHA_CTX)
    case sha256(SHA256_CTX)
    case sha384(SHA512_CTX)
    case sha512(SHA512_CTX)
  }

  public let digest: Digest
  private var context: Context

  public init(_ digest: Digest) {
    self.digest = digest
    switch digest {
    case .sha1:
      var plain = SHA_CTX()
      SHA1_Init(&plain)
      context = .sha1(plain)
    case .sha256:
      var plain = SHA256_CTX()
      SHA256_Init(&plain)
      context = .sha256(plain)
    case .sha384:
      var plain = SHA512_CTX()
      SHA384_Init(&plain)
      context = .sha384(plain)
    case .sha512:
      var plain = SHA512_CTX()
      SHA512_Init(&plain)
      context = .sha512(plain)
    }
  }

  public mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { raw in
      switch context {
      case .sha1(var plain):
        SHA1_Update(&plain, raw.baseAddress, raw.count)
        context = .sha1(plain)
      case .sha256(var plain):
        SHA256_Update(&plain, raw.baseAddress, raw.count)
        context = .sha256(plain)
      case .sha384(var plain):
        SHA384_Update(&plain, raw.baseAddress, raw.count)
        context = .sha384(plain)
      case .sha512(var plain):
        SHA512_Update(&plain, raw.baseAddress, raw.count)
        context = .sha512(plain)
      }
    }
  }

  /// The hash of what came so far; the state itself goes on unchanged.
  public func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: digest.length) { out, count in
      switch context {
      case .sha1(var plain): SHA1_Final(out.baseAddress, &plain)
      case .sha256(var plain): SHA256_Final(out.baseAddress, &plain)
      case .sha384(var plain): SHA384_Final(out.baseAddress, &plain)
      case .sha512(var plain): SHA512_Final(out.baseAddress, &plain)
      }
      count = digest.length
    }
  }
}
