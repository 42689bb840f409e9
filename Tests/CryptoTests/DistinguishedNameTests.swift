import Support
import Testing

@testable import Crypto

@Suite struct DistinguishedNameTests {
  private func name(_ text: String) throws -> DistinguishedName { try DistinguishedName(text) }

  private func problem(_ text: String) -> String? {
    do throws(DistinguishedName.Malformed) {
      _ = try DistinguishedName(text)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `texts of one name are equal, and of two are not`() throws {
    let plain = try name(#"CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US"#)
    #expect(try name(#"CN=proxy.salesforce.com,O=Salesforce\2C Inc.,C=US"#) == plain)
    #expect(try name(#"commonName=\70roxy.salesforce.com,2.5.4.10=Salesforce\, Inc.,C=US"#) == plain)
    for other in [
      #"CN=proxy.salesforce.com,O=Salesforce\, Inc."#, #"CN=Proxy.salesforce.com,O=Salesforce\, Inc.,C=US"#,
      #"C=US,O=Salesforce\, Inc.,CN=proxy.salesforce.com"#, #"CN=proxy.salesforce.com+O=Salesforce\, Inc.,C=US"#,
      #"CN=proxy.salesforce.com\,O=Salesforce\, Inc.,C=US"#, #"CN=proxy.salesforce.com\00,O=Salesforce\, Inc.,C=US"#,
    ] {
      #expect(try name(other) != plain, "\(other)")
    }
    #expect(try name("CN=a+OU=b,C=US") == name("OU=b+CN=a,C=US"))
    #expect(try name("1.2.3.4=#0C0161") == name("1.2.3.4=#0c0161"))
    #expect(try name("1.2.3.4=#0C0161") != name(##"1.2.3.4=\#0C0161"##))
  }

  @Test func `what OpenSSL writes of any name is read as that name`() throws {
    var random = SeededRandom(seed: 4514)
    let letters = Array(#"ab ,+="\<>;#é€"#)
    for _ in 0..<200 {
      func text() -> String {
        String((0..<Int.random(in: 1...6, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
      }
      let (common, organization) = (text(), text())
      let certificate = try Certificate(pem: TestCertificate(common, under: [("C", "US"), ("O", organization)]).pem)
      func escaped(_ text: String) -> String { text.utf8.map { "\\" + Hex.encode([$0]) }.joined() }
      #expect(
        try name(certificate.subject) == name("CN=\(escaped(common)),O=\(escaped(organization)),C=US"),
        "\(certificate.subject)")
    }
  }

  @Test func `what is no name is told`() {
    let wrong: [(String, String)] = [
      ("proxy.salesforce.com", "each part is TYPE=VALUE"), ("=x", "each part is TYPE=VALUE"),
      ("CN=a,", "each part is TYPE=VALUE"), ("CN=a+", "each part is TYPE=VALUE"),
      ("CN=a, O=b", "a type follows its comma without a space"), ("XN=a", "`XN` is no type of name that is known"),
      ("CN = a", "`CN ` is no type of name"), ("CN= a", "a space at the begin or end"),
      ("CN=a ,O=b", "a space at the begin or end"), (#"CN="a",O=b"#, #"`"` in a value is written `\"`"#),
      ("CN=a;O=b", "`;` in a value is written"), ("CN=#zz", "a value that begins with `#`"),
      ("CN=#,O=#0", "a value that begins with `#`"), (#"CN=a\"#, "a backslash stands before"),
      (#"CN=a\g"#, "a backslash stands before"), (#"CN=a\0"#, "a backslash stands before"),
      ("subject=CN=a", "`subject` is no type of name"),
    ]
    for (text, expected) in wrong {
      #expect(problem(text)?.hasPrefix(expected) == true, "\(text): \(problem(text) ?? "")")
    }
    for right in [
      "", "CN=", "CN=#,O=#", #"CN=a\ "#, ##"CN=\ a\,\+\=\#"##, "CN=a=b", "emailAddress=a@b.example,DC=example",
    ] {
      #expect(problem(right) == nil, "\(right)")
    }
  }
}
