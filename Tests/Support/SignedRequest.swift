import Crypto
import Formats
import HTTP
import Web

/// Requests as the senders make them, with what proves them.
public enum SignedRequest {
  /// Salesforce's outbound message, with its token in the path.
  public static func outboundMessage(_ body: [UInt8], endpoint: String = "crm", token: String = "secret") -> Request {
    Request(
      method: .post, path: "/hooks/\(endpoint)/\(token)",
      fields: ["Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "\"\""], body: body)
  }

  /// HMAC-SHA256 in hex over `{timestamp}.{body}`.
  public static func hmac(_ body: [UInt8], endpoint: String = "crm-events", secret: String = "secret", at now: Instant)
    -> Request
  {
    let timestamp = String(now.secondsSince1970)
    let code = HMACKey(.sha256, key: Array(secret.utf8)).code(for: [Array("\(timestamp).".utf8), body])
    return Request(
      method: .post, path: "/hooks/\(endpoint)",
      fields: [
        "Content-Type": "application/json", "X-Salesforce-Timestamp": timestamp,
        "X-Salesforce-Signature": Hex.encode(code),
      ], body: body)
  }

  /// Standard Webhooks.
  public static func standardWebhooks(
    _ body: [UInt8], endpoint: String = "erp", id: String = "msg_1", secret: String, at now: Instant
  ) throws -> Request {
    let signature = try StandardWebhooks(secrets: [secret]).sign(
      id: id, timestamp: now.secondsSince1970, body: body)
    return Request(
      method: .post, path: "/hooks/\(endpoint)",
      fields: [
        "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": String(now.secondsSince1970),
        "webhook-signature": signature,
      ], body: body)
  }

  /// The same request with other bytes in its body.
  public static func replacing(_ request: Request, body: [UInt8]) -> Request {
    Request(
      method: request.method, path: request.path, query: request.query, fields: request.fields, body: body,
      peer: request.peer)
  }

  /// The same request with another header field; nil takes it away.
  public static func replacing(_ request: Request, _ name: String, _ value: String?) -> Request {
    var fields = request.fields
    fields[name] = value
    return Request(
      method: request.method, path: request.path, query: request.query, fields: fields, body: request.body,
      peer: request.peer)
  }
}
