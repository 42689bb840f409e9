import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Receiving

let settings = PeerSettings()
let receiver = try Receiver(
  folder: settings.folder, secret: settings.secret, organization: settings.organization)
let largest = 1 << 20

extension Receiver.Answer {
  func response(taken: HTTPResponse.Status, type: String, body: String) -> Response {
    switch self {
    case .taken:
      Response(status: taken, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: body)))
    case .unproven: Response(status: .unauthorized)
    case .malformed: Response(status: .badRequest)
    }
  }
}

let router = Router()
router.post("/hooks/crm/:token") { request, context -> Response in
  let body = try await request.body.collect(upTo: largest)
  let answer = try await receiver.outboundMessage(
    Data(body.readableBytesView), token: try context.parameters.require("token"))
  return answer.response(taken: .ok, type: "text/xml; charset=utf-8", body: Receiver.acknowledgement)
}
router.post("/hooks/shop") { request, _ -> Response in
  let body = try await request.body.collect(upTo: largest)
  let answer = try await receiver.signed(
    Data(body.readableBytesView), signature: request.headers[HTTPField.Name("X-Signature")!])
  return answer.response(taken: .accepted, type: "application/json", body: #"{"accepted":1}"#)
}
router.get("/count") { _, _ -> String in String(try await receiver.count()) }

let application = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: settings.port)),
  logger: Logger(label: "peer") { _ in SwiftLogNoOpLogHandler() })
try await application.runService()
