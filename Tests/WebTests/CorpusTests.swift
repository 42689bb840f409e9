import Net
import Posix
import Support
import Testing
import Web

/// The house corpus against a server over real sockets. Nothing here waits for a time: a connection that hangs fails at
/// the client's deadline.
struct CorpusTests {
  private static let splits: [Split] = [.whole, .bytes, .seeded(1), .seeded(2), .seeded(3)]

  @Test(arguments: RequestCorpus.files, splits)
  func `every request is answered as the corpus says, and its connection ends so`(file: String, split: Split)
    async throws
  {
    let fixture = try ServerFixture(handler: CorpusServer())
    for sample in try RequestCorpus.cases(in: file) {
      do {
        try await check(sample, split, fixture)
      } catch {
        Issue.record(error, "\(sample.testDescription)")
      }
    }
    await fixture.end()
  }

  @Test func `the corpus is large, and says of each case what it tests`() throws {
    let cases = try RequestCorpus.all()
    #expect(cases.count >= 500)
    #expect(cases.count { !$0.isAccepted } >= 250)
    #expect(Set(cases.map(\.testDescription)).count == cases.count)
    for sample in cases { #expect(sample.rule.contains("RFC") || sample.rule.hasPrefix("house: "), "\(sample.title)") }
  }

  private func check(_ sample: RequestCase, _ split: Split, _ fixture: ServerFixture) async throws {
    let client = try fixture.connect()
    for piece in split.pieces(of: sample.raw) {
      // What was refused need not be read to its end.
      do { try client.send(piece) } catch { break }
    }
    if sample.end == .cut { client.endSending() }
    for (place, expected) in sample.answers.enumerated() {
      var answer = try await client.readAnswer(bodyless: expected.isBodyless)
      // Sent only where the body has not come yet, which is a matter of how the request was cut.
      if answer.status == 100 { answer = try await client.readAnswer(bodyless: expected.isBodyless) }
      let isLast = place == sample.answers.count - 1
      check(answer, expected, isClosing: isLast && sample.end == .closed, sample)
    }
    switch sample.end {
    case .open:
      try client.send("GET /probe HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.readAnswer().text == "GET /probe", "\(sample.testDescription)")
    case .closed, .cut:
      #expect(await client.isClosedByServer(), "\(sample.testDescription)")
    }
  }

  private func check(
    _ answer: RawClient.Answer, _ expected: RequestCase.Answer, isClosing: Bool, _ sample: RequestCase
  ) {
    let name = sample.testDescription
    #expect(answer.status == expected.status, "\(name)")
    if let text = expected.text { #expect(answer.text == text, "\(name)") }
    if let field = expected.field { #expect(answer.field(field.name) == field.value, "\(name)") }
    #expect(answer.field("Date")?.hasSuffix(" GMT") == true, "\(name)")
    #expect((answer.field("Connection") == "close") == isClosing, "\(name)")
    if answer.status == 204 || answer.status == 304 { #expect(answer.field("Content-Length") == nil, "\(name)") }
  }
}
