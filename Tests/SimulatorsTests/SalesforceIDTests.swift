import Testing

@testable import Simulators

@Suite struct SalesforceIDTests {
  /// The vectors of real organizations, from the EnterpriseUrl and the OrganizationId of captured messages.
  @Test(arguments: [
    ("00D7F00000107Xs", "00D7F00000107XsUAI"), ("00Do0000000e0vQ", "00Do0000000e0vQEAQ"),
    ("00DD0000000muCU", "00DD0000000muCUMAY"), ("00D70000000IVNp", "00D70000000IVNpEAO"),
    ("00Dn00000008y2t", "00Dn00000008y2tEAA"), ("00Dq0000000Br2G", "00Dq0000000Br2GEAS"),
  ])
  func `fifteen characters get the checksum that Salesforce gives them`(short: String, long: String) {
    #expect(SalesforceID.normalise(short) == long)
    #expect(SalesforceID.normalise(long) == long)
  }

  @Test func `a wrong checksum, length or character is no id`() {
    #expect(SalesforceID.normalise("00D7F00000107XsUAJ") == nil)
    #expect(SalesforceID.normalise("00D7F00000107X") == nil)
    #expect(SalesforceID.normalise("00D7F00000107X-") == nil)
  }
}
