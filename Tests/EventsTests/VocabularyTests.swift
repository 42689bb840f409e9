import Events
import Formats
import Testing

@Suite struct SystemTests {
  @Test(arguments: [
    System(.salesforce, "00D7F00000107XsUAI"), System(.netsuite, "1234567_SB1"), System(.json, "a:b"),
    System(.causeway, "customer"),
  ])
  func `a system is read back from its text`(system: System) {
    #expect(System(parsing: system.description) == system)
  }

  @Test(arguments: ["", "salesforce", "oracle:1"])
  func `what names no system is refused`(text: String) {
    #expect(System(parsing: text) == nil)
  }
}

@Suite struct ReasonTests {
  @Test func `quoted values stand in the sentence, and are left out of the masked one`() {
    let reason = Reason(
      "reference-missing", .reference, "line {1} names {0}, which NetSuite does not know", quoted: ["FAN-42", "2"])
    #expect(reason.description == "line 2 names FAN-42, which NetSuite does not know")
    #expect(reason.masked == "line … names …, which NetSuite does not know")
  }

  @Test func `braces that name no value stay as they are`() {
    let reason = Reason("x", .validation, "a {7} {} { {0}", quoted: ["v"])
    #expect(reason.description == "a {7} {} { v")
  }

  @Test func `a quoted value that looks like a place is not filled again`() {
    #expect(Reason("x", .validation, "{0}", quoted: ["{0}"]).description == "{0}")
  }
}

@Suite struct FieldValueTests {
  @Test func `a blank is null, empty text, or a reference to nothing`() {
    #expect(FieldValue.null.isBlank)
    #expect(FieldValue.text("").isBlank)
    #expect(FieldValue.reference(id: nil, name: nil).isBlank)
    #expect(!FieldValue.bool(false).isBlank)
    #expect(!FieldValue.number(.zero).isBlank)
    #expect(!FieldValue.reference(id: "7", name: nil).isBlank)
  }
}
