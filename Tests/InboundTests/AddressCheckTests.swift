import Crypto
import Formats
import HTTP
import Inbound
import Net
import Posix
import Support
import Testing
import Web

@Suite struct AddressCheckTests {
  /// As Salesforce publishes it: lists of prefixes by region and provider, and IPv6 apart.
  private static let published = """
    {"syncToken":"1783296000","createDate":"2026-07-06-00-00-00","prefixes":[
    {"region":"ap-northeast-1","provider":"aws","ip_prefix":["141.163.200.0/23","141.163.203.0/24"]},
    {"region":"us-east4","provider":"gcp","ip_prefix":"155.226.188.0/23"}],
    "ipv6_prefixes":[{"region":"us-east-1","provider":"aws","ipv6_prefix":["2a03:5d67:fe80::/42"]}]}
    """

  private let signed = Proving.hmac(SignedSettings(header: "s"))
  private var fields: Fields { ["s": Hex.encode(Proving.code(""))] }

  private func verdict(_ endpoint: Proving, _ address: String, _ fields: Fields? = nil) throws -> String {
    let address = try #require(SocketAddress(address))
    return endpoint.verdict(Proving.request(fields ?? self.fields, from: address))
  }

  @Test func `a refused address is 403 for who has proven the rest, else 401`() throws {
    let addresses = Verification.addresses(AddressSettings(allow: ["192.0.2.0/24", "2001:db8::1"]))
    for endpoint in [try Proving(signed, addresses), try Proving(addresses, signed)] {
      #expect(try verdict(endpoint, "192.0.2.7:1") == "hmac secret")
      #expect(try verdict(endpoint, "[::ffff:192.0.2.7]:1") == "hmac secret")
      #expect(try verdict(endpoint, "[2001:db8::1]:1") == "hmac secret")
      for other in ["192.0.3.1:1", "[2001:db8::2]:1", "127.0.0.1:1", "unix:/run/x.sock"] {
        #expect(try verdict(endpoint, other) == "403 refused-address")
        #expect(try verdict(endpoint, other, [:]) == "401 signature-missing")
      }
    }
  }

  @Test func `Salesforce's file is read, beside what is allowed`() throws {
    let file = Proving.secret("file:ip-ranges.json", Self.published)
    let endpoint = try Proving(signed, .addresses(AddressSettings(allow: ["192.0.2.1"], salesforce: file)))
    for good in ["141.163.201.255:1", "141.163.203.1:1", "155.226.189.0:1", "[2a03:5d67:fe80::1]:1", "192.0.2.1:1"] {
      #expect(try verdict(endpoint, good) == "hmac secret")
    }
    for bad in ["141.163.202.1:1", "155.226.190.0:1", "[2a03:5d67:fe00::1]:1", "192.0.2.2:1"] {
      #expect(try verdict(endpoint, bad) == "403 refused-address")
    }
  }

  @Test func `a changed file counts when it is read again, and a bad one changes nothing`() throws {
    let file = Lock(Array(Self.published.utf8))
    let endpoint = try Proving(
      signed, .addresses(AddressSettings(salesforce: SourceSecret("file:x") { file.withLock { $0 } })))
    #expect(try verdict(endpoint, "198.51.100.1:1") == "403 refused-address")
    file.withLock { $0 = Array(#"{"prefixes":[{"ip_prefix":["198.51.100.0/24"]}]}"#.utf8) }
    #expect(try verdict(endpoint, "198.51.100.1:1") == "403 refused-address")
    #expect(endpoint.source.verifier.refresh().isEmpty)
    #expect(try verdict(endpoint, "198.51.100.1:1") == "hmac secret")
    for bad in ["", "{", "{}", #"{"prefixes":[]}"#, #"{"prefixes":[{"ip_prefix":["10.0.0.0/33"]}]}"#] {
      file.withLock { $0 = Array(bad.utf8) }
      #expect(endpoint.source.verifier.refresh().count == 1)
      #expect(try verdict(endpoint, "198.51.100.1:1") == "hmac secret")
    }
  }

  @Test func `wrong ranges are told by their place, a file when it is opened`() throws {
    #expect(Proving.problems(signed, .addresses(AddressSettings(allow: ["10.0.0.0/8"]))) == [])
    #expect(Proving.problems(signed, .addresses(AddressSettings())) == ["verify.1.addresses.allow"])
    #expect(
      Proving.problems(signed, .addresses(AddressSettings(allow: ["10.0.0.0/33"]))) == ["verify.1.addresses.allow"])
    #expect(Proving.problems(.addresses(AddressSettings(allow: ["10.0.0.0/8"]))) == ["verify?"])
    #expect(throws: SettingsProblem.self) {
      try Proving(.addresses(AddressSettings(salesforce: Proving.secret("file:x", "[]"))))
    }
  }
}
