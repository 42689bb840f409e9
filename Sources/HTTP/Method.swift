/// A request method (RFC 9110 9). Names are case-sensitive.
public struct Method: RawRepresentable, Hashable, Sendable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let get = Method(rawValue: "GET")
  public static let head = Method(rawValue: "HEAD")
  public static let post = Method(rawValue: "POST")
  public static let put = Method(rawValue: "PUT")
  public static let patch = Method(rawValue: "PATCH")
  public static let delete = Method(rawValue: "DELETE")
  public static let options = Method(rawValue: "OPTIONS")
  /// These two are known so that they are refused like any method that a path does not have (405): nothing answers them.
  public static let trace = Method(rawValue: "TRACE")
  public static let query = Method(rawValue: "QUERY")

  /// Every method that is known here, as `Allow` has them.
  public static let all = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

  /// Whether a request of this method has to say how long its body is (411 otherwise).
  public var takesBody: Bool { self == .post || self == .put || self == .patch }

  /// The methods that this server knows; CONNECT is deliberately not among them.
  static func known(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Method? {
    func equals(_ name: StaticString) -> Bool {
      for offset in 0..<range.count where bytes[range.lowerBound + offset] != name.utf8Start[offset] { return false }
      return true
    }
    switch range.count {
    case 3:
      if equals("GET") { return .get }
      if equals("PUT") { return .put }
    case 4:
      if equals("POST") { return .post }
      if equals("HEAD") { return .head }
    case 5:
      if equals("PATCH") { return .patch }
      if equals("TRACE") { return .trace }
      if equals("QUERY") { return .query }
    case 6 where equals("DELETE"): return .delete
    case 7 where equals("OPTIONS"): return .options
    default: break
    }
    return nil
  }
}

/// The two versions that are spoken here (RFC 9112 2.3).
public enum Version: String, Hashable, Sendable {
  case http10 = "HTTP/1.0"
  case http11 = "HTTP/1.1"
}
