import FlyingFox
import Foundation
import Receiving

let settings = PeerSettings()
let receiver = try Receiver(
  folder: settings.folder, secret: settings.secret, organization: settings.organization)

extension Receiver.Answer {
  func response(taken: HTTPStatusCode, type: String, body: String) -> HTTPResponse {
    switch self {
    case .taken: HTTPResponse(statusCode: taken, headers: [.contentType: type], body: Data(body.utf8))
    case .unproven: HTTPResponse(statusCode: .unauthorized)
    case .malformed: HTTPResponse(statusCode: .badRequest)
    }
  }
}

let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: UInt16(settings.port)))
await server.appendRoute("POST /hooks/crm/:token") { request in
  let answer = try await receiver.outboundMessage(
    try await request.bodyData, token: request.routeParameters["token"] ?? "")
  return answer.response(taken: .ok, type: "text/xml; charset=utf-8", body: Receiver.acknowledgement)
}
await server.appendRoute("POST /hooks/shop") { request in
  let answer = try await receiver.signed(
    try await request.bodyData, signature: request.headers[HTTPHeader("X-Signature")])
  return answer.response(taken: .accepted, type: "application/json", body: #"{"accepted":1}"#)
}
await server.appendRoute("GET /count") { _ in
  HTTPResponse(statusCode: .ok, body: Data(String(try await receiver.count()).utf8))
}
try await server.run()
