import HTTP
import Web

/// The server that the house corpus speaks to.
struct CorpusServer: Handler {
  func admit(_ head: RequestHead, from peer: Peer) -> Admission {
    switch head.path {
    case "/none": .refuse(.problem(.notFound))
    case "/get" where head.method != .get && head.method != .head:
      .refuse(Response(.methodNotAllowed, fields: ["Allow": "GET, HEAD"]))
    case "/json" where head.fields["Content-Type"] != "application/json": .refuse(.problem(.unsupportedMediaType))
    case "/small": .take(BodyLimits(bytes: 16))
    case "/gzip": .take(BodyLimits(bytes: 1 << 20, gzip: true))
    default: .take(.default)
    }
  }

  func respond(to request: Request) async -> Response {
    switch request.path {
    case "/empty": return Response(.noContent)
    case "/unmodified": return Response(.notModified)
    case "/count": return .text("\(request.method.rawValue) /count \(request.body.count)")
    default: break
    }
    var text = Array("\(request.method.rawValue) \(request.path)".utf8)
    if let query = request.query { text += Array("?\(query)".utf8) }
    if !request.body.isEmpty { text += Array(" ".utf8) + request.body }
    return Response(.ok, fields: ["Content-Type": "text/plain"], body: .bytes(text))
  }
}
