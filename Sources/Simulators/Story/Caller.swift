import Client
import Crypto
import Formats
import Foundation
import HTTP
import JWT
import Posix

/// Calls one of the two systems over its public API, signed in as the integration is: what anybody outside can see.
final class Caller: Sendable {
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  let base: String
  private let client: CurlClient
  private let assertion: @Sendable () throws -> (path: String, form: [(String, String)])
  private let token = Lock<String?>(nil)
  private let counter = Lock(0)

  init(
    _ base: String, _ client: CurlClient,
    assertion: @escaping @Sendable () throws -> (path: String, form: [(String, String)])
  ) {
    self.base = base
    self.client = client
    self.assertion = assertion
  }

  /// Calls made, sign-in included.
  var calls: Int { counter.withLock { $0 } }

  func call(
    _ method: HTTP.Method, _ target: String, _ body: JSON? = nil, _ more: Fields = [:]
  ) async throws -> ClientResponse {
    var response = try await send(method, target, body, more, try await signedIn())
    if response.status == 401 {
      token.withLock { $0 = nil }
      response = try await send(method, target, body, more, try await signedIn())
    }
    guard (200..<300).contains(response.status) else {
      let text = String(decoding: response.body.prefix(400), as: UTF8.self)
      throw Refused(description: "\(method.rawValue) \(target): \(response.status) \(text)")
    }
    return response
  }

  func json(_ method: HTTP.Method, _ target: String, _ body: JSON? = nil, _ more: Fields = [:]) async throws -> JSON {
    let response = try await call(method, target, body, more)
    return response.body.isEmpty ? .null : try JSON.parse(response.body)
  }

  private func send(
    _ method: HTTP.Method, _ target: String, _ body: JSON?, _ more: Fields, _ token: String
  ) async throws -> ClientResponse {
    var fields: Fields = ["Authorization": "Bearer \(token)", "Accept": "application/json"]
    if body != nil { fields.append("Content-Type", "application/json") }
    for field in more { fields.append(field.name, field.value) }
    counter.withLock { $0 += 1 }
    return try await client.send(
      OutgoingRequest(method: method, url: base + target, fields: fields, body: body?.bytes ?? [], deadline: 20_000))
  }

  private func signedIn() async throws -> String {
    if let token = token.withLock({ $0 }) { return token }
    let (path, form) = try assertion()
    let body = form.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
    counter.withLock { $0 += 1 }
    let response = try await client.send(
      OutgoingRequest(
        method: .post, url: base + path, fields: ["Content-Type": "application/x-www-form-urlencoded"],
        body: Array(body.utf8), deadline: 20_000))
    guard let fresh = (try? JSON.parse(response.body))?["access_token"]?.string else {
      throw Refused(description: "sign-in at \(base)\(path): \(response.status)")
    }
    token.withLock { $0 = fresh }
    return fresh
  }

  static func key(_ path: String?) throws -> PrivateKey {
    guard let path, let pem = FileManager.default.contents(atPath: path) else {
      throw Refused(description: "the key file \(path ?? "") cannot be read")
    }
    return try PrivateKey(pem: Array(pem))
  }
}
