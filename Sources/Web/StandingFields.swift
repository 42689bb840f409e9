import HTTP

/// Fields that all answers of a server have, whoever makes them. Written out once, so that a response only copies them.
public struct StandingFields: Sendable {
  /// As they stand in a head.
  let everywhere: [UInt8]
  let overTLS: [UInt8]

  /// `overTLS`: further ones where the client's bytes were encrypted, and no proxy that speaks HTTP is between.
  ///
  /// RFC 6797 7.2 forbids Strict-Transport-Security over anything else. Behind an HTTP proxy the host that the client
  /// knows is the proxy's: how it is to be reached is the proxy's to promise.
  public init(_ everywhere: Fields = [:], overTLS: Fields = [:]) {
    precondition(everywhere.isValid && overTLS.isValid, "these are our own words")
    self.everywhere = Self.written(everywhere)
    self.overTLS = self.everywhere + Self.written(overTLS)
  }

  private static func written(_ fields: Fields) -> [UInt8] {
    fields.flatMap { Array("\($0): \($1)\r\n".utf8) }
  }
}
