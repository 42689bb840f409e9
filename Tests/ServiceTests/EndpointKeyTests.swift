import Flows
import Foundation
import Testing

@testable import Inbound
@testable import Service

/// `body-limit`, `gzip` and `wsdl` of an endpoint.
@Suite struct EndpointKeyTests {
  private func load(_ keys: String, kind: String = "salesforce-outbound-message", files: [String: String] = [:]) throws
    -> (SourceSettings?, [String])
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "causeway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = """
      endpoints:
        crm:
          kind: \(kind)
          organization: 00D7F00000107Xs
          account: "1"
          id: body.id
          verify: none
          \(keys)
      """
    for (name, content) in files.merging(["causeway.yaml": text], uniquingKeysWith: { $1 }) {
      try content.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let (loaded, problems) = Configuration.load(folder: folder.path(percentEncoded: false))
    return (loaded?.settings.endpoints.first?.source([:]), problems.map(\.description))
  }

  private static func wsdl(_ object: String, _ field: String) -> String {
    """
    <w:definitions targetNamespace="http://soap.sforce.com/2005/09/outbound" xmlns:w="http://schemas.xmlsoap.org/wsdl/"
      xmlns:e="urn:sobject.enterprise.soap.sforce.com"><w:types>
    <schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:sobject.enterprise.soap.sforce.com">
    <complexType name="\(object)"><element name="\(field)"/></complexType></schema>
    <schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://soap.sforce.com/2005/09/outbound">
    <complexType name="N"><element name="sObject" type="e:\(object)"/></complexType></schema>
    </w:types></w:definitions>
    """
  }

  @Test func `a limit, gzip and WSDLs are read`() throws {
    let files = ["a.wsdl": Self.wsdl("Account", "Fax"), "o.wsdl": Self.wsdl("Opportunity", "Amount")]
    let (settings, problems) = try load(
      "body-limit: 4MiB\n    gzip: true\n    wsdl: [ file:a.wsdl, file:o.wsdl ]", files: files)
    #expect(problems == [])
    #expect(settings?.bodyLimit == 4 << 20)
    #expect(settings?.gzip == true)
    #expect(settings?.fieldLists.list(action: nil, object: "Opportunity")?.fields == ["Amount"])
    #expect(settings?.fieldLists.list(action: nil, object: "Lead") == nil)
    let one = try load("wsdl: file:a.wsdl", files: files).0
    #expect(one?.fieldLists.list(action: "04k7F000000CaSPQA0", object: "Account")?.fields == ["Fax"])
    let byAction = try load("wsdl: { 04k7F000000CaSP: file:a.wsdl }", files: files).0
    #expect(byAction?.fieldLists.list(action: "04k7F000000CaSPQA0", object: "Account")?.fields == ["Fax"])
    #expect(byAction?.fieldLists.list(action: nil, object: "Account") == nil)
  }

  @Test(arguments: [
    ("body-limit: 4", "causeway.yaml:8: a body may be limited to 1 KiB"),
    ("body-limit: 65MiB", "causeway.yaml:8: a body may be limited to 1 KiB"),
    ("body-limit: much", "causeway.yaml:8: expected a size"), ("gzip: yes", "causeway.yaml:8: expected `true`"),
    ("wsdl: [ file:a.wsdl, file:b.wsdl ]", "causeway.yaml:8: two WSDLs are about `Account`"),
    ("wsdl: { 001: file:a.wsdl }", "causeway.yaml:8: expected the id of an outbound message"),
    ("wsdl: { 04k7F000000CaSP: file:a.wsdl, 04k7F000000CaSPQA0: file:b.wsdl }", "causeway.yaml:8: the action has"),
    ("wsdl: a.wsdl", "causeway.yaml:8: expected a file"),
    ("wsdl: file:none.wsdl", "causeway.yaml:8: the file none.wsdl"),
    ("wsdl: file:bad.wsdl", "bad.wsdl:2: "),
  ])
  func `what is wrong is told, with its place`(keys: String, problem: String) throws {
    let (settings, problems) = try load(
      keys,
      files: [
        "a.wsdl": Self.wsdl("Account", "Fax"), "b.wsdl": Self.wsdl("Account", "Name"), "bad.wsdl": "\n<a/>",
      ])
    #expect(settings == nil)
    #expect(problems.count == 1 && problems.first?.hasPrefix(problem) == true, "\(problems)")
  }

  @Test func `a WSDL belongs to outbound messages only`() throws {
    let problems = try load("wsdl: file:a.wsdl", kind: "json", files: ["a.wsdl": Self.wsdl("A", "B")]).1
    #expect(problems.count == 1 && problems.first?.contains("salesforce-outbound-message") == true, "\(problems)")
  }
}
