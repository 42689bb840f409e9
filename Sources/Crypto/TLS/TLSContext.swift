import COpenSSL

/// One complete, checked way of serving TLS: what every connection that begins with it keeps to.
public final class TLSContext: Sendable {
  let settings: TLSSettings

  /// `now`: seconds since 1970, what the dates of the certificates are compared with.
  public init(_ settings: TLSSettings, now: Int64) throws(TLSProblem) {
    self.settings = settings
  }

  /// True where a client certificate is asked for.
  public var asksForClientCertificate: Bool { settings.clientAuthorities != nil }
}
