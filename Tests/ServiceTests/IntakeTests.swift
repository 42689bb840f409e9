import Events
import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

@testable import Service

@Suite struct IntakeTests {
  let queue = MemoryQueue(clock: ManualClock())
  let readiness = Readiness()

  func intake() throws -> Intake {
    let settings = SourceSettings(
      name: "x", kind: "json", id: "body.id",
      verify: .all([.token(secrets: [SourceSecret("test", bytes: Array("a-token-of-the-test".utf8))])]))
    return Intake(sources: ["x": try SourceCatalogue.open(settings)], queue: queue, readiness: readiness)
  }

  func post(_ path: String, _ body: String, method: Method = .post) async throws -> Response {
    try await intake().handle(
      Request(method: method, path: path, fields: ["Content-Type": "application/json"], body: Array(body.utf8)))
  }

  @Test func `an event is stored before it is acknowledged, and its repeat is a duplicate`() async throws {
    readiness.become(.ready)
    let first = try await post("/hooks/x/a-token-of-the-test", #"{"id":"1"}"#)
    #expect(first.status == .accepted)
    #expect(await queue.counts().received == 1)
    let second = try await post("/hooks/x/a-token-of-the-test", #"{"id":"1"}"#)
    #expect(second.status == .accepted)
    #expect(await queue.counts().duplicates == 1)
  }

  @Test func `a wrong token stores nothing`() async throws {
    readiness.become(.ready)
    #expect(try await post("/hooks/x/another-token", #"{"id":"1"}"#).status == .unauthorized)
    #expect(await queue.counts().received == 0)
  }

  @Test func `unknown paths are 404, known ones with another method 405 with Allow`() async throws {
    readiness.become(.ready)
    #expect(try await post("/hooks/nobody", "{}").status == .notFound)
    #expect(try await post("/", "{}").status == .notFound)
    let refused = try await post("/hooks/x", "", method: .get)
    #expect(refused.status == .methodNotAllowed)
    #expect(refused.fields["Allow"] == "POST")
    #expect(try await post("/readyz", "{}").fields["Allow"] == "GET, HEAD")
    #expect(try await post("/healthz", "", method: .trace).status == .methodNotAllowed)
    #expect(try await post("/hooks/x", "{}", method: .query).status == .methodNotAllowed)
  }

  @Test func `readiness follows the state, health does not`() async throws {
    #expect(try await post("/readyz", "", method: .get).status == .serviceUnavailable)
    #expect(try await post("/healthz", "", method: .get).status == .ok)
    readiness.become(.ready)
    #expect(try await post("/readyz", "", method: .get).status == .ok)
    readiness.become(.draining)
    #expect(try await post("/readyz", "", method: .get).status == .serviceUnavailable)
  }

  func text(_ response: Response) -> String {
    if case .bytes(let bytes) = response.body { String(decoding: bytes, as: UTF8.self) } else { "" }
  }

  @Test func `while it drains it says so and takes what still comes`() async throws {
    readiness.become(.draining)
    let answer = try await post("/readyz", "", method: .get)
    #expect(answer.status == .serviceUnavailable)
    #expect(answer.fields["Retry-After"] != nil)
    #expect(text(answer) == "draining\n")
    #expect(try await post("/hooks/x/a-token-of-the-test", #"{"id":"2"}"#).status == .accepted)
    #expect(await queue.counts().received == 1)
  }

  @Test func `what is wrong with the machine is not told to whoever may ask`() async throws {
    readiness.become(.refused("pwrite /var/lib/causeway/queue: Input/output error"))
    let answer = try await post("/readyz", "", method: .get)
    #expect(answer.status == .serviceUnavailable)
    #expect(text(answer) == "events cannot be stored\n")
  }
}
