/// What a TLS listener is made of, as bytes that somebody else has read; `TLSContext` checks it.
public struct TLSSettings: Sendable {
  /// A file's bytes, and what to call it where something is wrong with it: `file:server.pem`.
  public struct Text: Sendable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// A certificate with what leads to its authority, and its key.
  public struct Pair: Sendable {
    /// PEM: the server's own certificate first, then each one's issuer, without the root.
    public var certificate: Text
    /// PEM, not encrypted.
    public var key: Text

    public init(certificate: Text, key: Text) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Served where the client names no host, and where it names one that no other pair is for.
  public var pair: Pair
  /// Further pairs, chosen by the name that the client asks for (RFC 6066 3).
  public var names: [Pair]
  /// PEM: the authorities whose client certificates are accepted; nil: none is asked for.
  public var clientAuthorities: Text?
  /// PEM: their lists of revoked certificates, one for each authority; nil: revocation is not looked at.
  public var clientRevocations: Text?

  public init(pair: Pair, names: [Pair] = [], clientAuthorities: Text? = nil, clientRevocations: Text? = nil) {
    self.pair = pair
    self.names = names
    self.clientAuthorities = clientAuthorities
    self.clientRevocations = clientRevocations
  }
}
