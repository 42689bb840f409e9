/// What a streamed response is written to. A write returns when the octets are on their way, so a slow reader slows the
/// writer; it throws when the connection is gone.
public protocol BodyWriter: Sendable {
  func write(_ bytes: [UInt8]) async throws
}

/// An answer. Content-Length, Transfer-Encoding, Connection and Date are `ResponseWriter`'s; do not set them.
public struct Response: Sendable {
  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// Written as it comes, chunked (until close for HTTP/1.0).
    case stream(@Sendable (any BodyWriter) async throws -> Void)
  }

  public var status: Status
  public var fields: Fields
  public var body: Body

  public init(_ status: Status, fields: Fields = Fields(), body: Body = .none) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  public static func text(_ text: String, status: Status = .ok) -> Response {
    Response(status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
  }

  /// `bytes`: JSON text.
  public static func json(_ bytes: [UInt8], status: Status = .ok) -> Response {
    Response(status, fields: ["Content-Type": "application/json"], body: .bytes(bytes))
  }

  /// `bytes`: an XML document in UTF-8.
  public static func xml(_ bytes: [UInt8], status: Status = .ok) -> Response {
    Response(status, fields: ["Content-Type": "text/xml; charset=utf-8"], body: .bytes(bytes))
  }

  /// RFC 9457. Title and detail are our own words and never quote the request.
  public static func problem(_ status: Status, title: String? = nil, detail: String? = nil) -> Response {
    var json = Array(#"{"type":"about:blank","title":"#.utf8)
    appendJSON(title ?? status.reason, to: &json)
    json.append(contentsOf: ",\"status\":\(status.rawValue)".utf8)
    if let detail {
      json.append(contentsOf: ",\"detail\":".utf8)
      appendJSON(detail, to: &json)
    }
    json.append(UInt8(ascii: "}"))
    return Response(status, fields: ["Content-Type": "application/problem+json"], body: .bytes(json))
  }

  /// A JSON string (RFC 8259 7); this target stands beside the one that has the JSON type.
  private static func appendJSON(_ text: String, to json: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    json.append(UInt8(ascii: "\""))
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), octet]
      case 0..<0x20:
        json.append(contentsOf: #"\u00"#.utf8)
        json += [digits[Int(octet >> 4)], digits[Int(octet & 15)]]
      default: json.append(octet)
      }
    }
    json.append(UInt8(ascii: "\""))
  }
}
