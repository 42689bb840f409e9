import HTTP
import Testing
import Web

/// A handler with a plain async function, as most will be written.
private struct Plain: Handler {
  func respond(to request: Request) async -> Response { .text("plain \(request.path)") }
}

struct RouterTests {
  private func router() -> Router {
    var router = Router()
    router.on(.get, "/") { _, _ in .text("root") }
    router.on(.get, "/hooks/:endpoint") { _, names in .text("get \(names["endpoint"] ?? "")") }
    router.on(.post, "/hooks/:endpoint") { _, names in .text("post \(names["endpoint"] ?? "")") }
    router.on(.post, "/hooks/:endpoint/:token") { _, names in
      .text("\(names["endpoint"] ?? "") \(names["token"] ?? "")")
    }
    router.on(.get, "/hooks/special") { _, _ in .text("special") }
    router.on(.get, "/assets/*path") { _, names in .text(names["path"] ?? "") }
    router.on(.put, "/big/:size", limits: { _ in BodyLimits(bytes: 16) }) { _, _ in .text("put") }
    return router
  }

  private func answer(_ method: Method, _ path: String) async -> (status: Int, text: String, allow: String?) {
    let response = await router().handle(Request(method: method, path: path))
    var text = ""
    if case .bytes(let bytes) = response.body { text = String(decoding: bytes, as: UTF8.self) }
    return (Int(response.status.rawValue), text, response.fields["Allow"])
  }

  @Test func `a path finds its handler, and literals win over names`() async {
    #expect(await answer(.get, "/").text == "root")
    #expect(await answer(.get, "/hooks/crm").text == "get crm")
    #expect(await answer(.post, "/hooks/crm").text == "post crm")
    #expect(await answer(.post, "/hooks/crm/s3cret").text == "crm s3cret")
    #expect(await answer(.get, "/hooks/special").text == "special")
    #expect(await answer(.get, "/assets/a/b.css").text == "a/b.css")
  }

  @Test(arguments: ["/hooks", "/hooks/", "/hooks/a/b/c", "/hooks/a/", "//", "/assets", "/Hooks/crm", "/hooks//b"])
  func `no such path is 404`(path: String) async {
    #expect(await answer(.post, path).status == 404)
  }

  @Test func `a known path with another method is 405 and says which are allowed`() async {
    let answer = await answer(.delete, "/hooks/crm")
    #expect(answer.status == 405)
    #expect(answer.allow == "GET, HEAD, POST")
    #expect(await self.answer(.get, "/hooks/crm/x").allow == "POST")
  }

  @Test func `HEAD is answered by GET's handler`() async {
    #expect(await answer(.head, "/hooks/crm").status == 200)
    #expect(await answer(.head, "/hooks/crm/x").status == 405)
  }

  @Test func `a fallback takes what no route takes`() async {
    var router = router()
    router.fallback = { await Plain().respond(to: $0) }
    let response = await router.handle(Request(method: .get, path: "/none"))
    #expect(response.status == .ok)
  }
}
