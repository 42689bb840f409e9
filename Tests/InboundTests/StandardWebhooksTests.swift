import Formats
import HTTP
import Inbound
import Support
import Testing
import Web

/// The specification's own vectors, through a whole source.
@Suite struct StandardWebhooksTests {
  private static let symmetric = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
  private static let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
  private static let v1a =
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
  private let now = Instant(secondsSince1970: 1_614_265_330)

  private func source(_ secrets: String...) throws -> any Source {
    let secrets = secrets.map { SourceSecret(String($0.prefix(5)), bytes: Array($0.utf8)) }
    return try SourceCatalogue.open(Messages.settings("json", verify: .all([.standardWebhooks(secrets: secrets)])))
  }

  private func request(_ signature: String, prefix: String = "webhook") -> Request {
    Request(
      method: .post, path: "/hooks/endpoint",
      fields: [
        "Content-Type": "application/json", "\(prefix)-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "\(prefix)-timestamp": "1614265330", "\(prefix)-signature": signature,
      ], body: Array(#"{"test": 2432232314}"#.utf8))
  }

  @Test(arguments: ["webhook", "svix"])
  func `both kinds of signature hold, and the id is the event's`(prefix: String) throws {
    let source = try source(Self.symmetric, Self.publicKey)
    #expect(try source.verify(request(Self.v1, prefix: prefix), at: now).matched.map(\.key) == ["whsec"])
    #expect(try source.verify(request(Self.v1a, prefix: prefix), at: now).matched.map(\.key) == ["whpk_"])
    let event = try #require(try source.take(request("v2,AAAA " + Self.v1, prefix: prefix), at: now).first)
    #expect(event.id == "msg_p5jXN8AQM9LWM0D4loKWxJek")
  }

  @Test func `nothing else holds`() throws {
    let source = try source(Self.symmetric)
    let good = request(Self.v1)
    var bad = [request(Self.v1a), request(""), request("v1,"), request("v1," + "A" + Self.v1.dropFirst(4))]
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
      bad.append(SignedRequest.replacing(good, name, nil))
      bad.append(SignedRequest.replacing(good, name, "1"))
      var twice = good.fields
      twice.append(name, good.fields[name] ?? "")
      bad.append(Request(method: .post, path: good.path, fields: twice, body: good.body))
    }
    bad.append(SignedRequest.replacing(good, body: good.body + [0x0A]))
    for request in bad {
      do throws(Rejection) {
        _ = try source.verify(request, at: now)
        Issue.record("it held")
      } catch {
        #expect(error.status == .unauthorized)
      }
    }
    #expect(throws: Rejection.self) { try source.verify(good, at: now.adding(seconds: 301)) }
    #expect(throws: Rejection.self) { try source.verify(good, at: now.adding(seconds: -301)) }
    #expect(try source.verify(good, at: now.adding(seconds: 300)).at == now.adding(seconds: 300))
  }

  @Test func `a secret that is none is refused by its name`() {
    for text in ["whsec_", "whsec_%", "short", "whpk_AAAA"] {
      #expect(throws: SettingsProblem.self) { try source(text) }
    }
  }
}
