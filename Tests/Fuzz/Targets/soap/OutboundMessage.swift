import Formats
import Fuzzing
@testable import Inbound

/// An outbound message. What is accepted is well-formed XML, its payloads are strict JSON with the fields of the
/// record, and no longer than the message lets them be.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeRawBufferPointer(start: data, count: size))
  do throws(XMLError) {
    // Half of the messages are read by a list of selected fields.
    let message = try OutboundMessageReader.read(bytes, size & 1 == 0 ? .none : lists)
    expect(isWellFormed(bytes), "a message is well-formed")
    expect(!message.notifications.isEmpty, "a message holds a notification")
    for notification in message.notifications { check(notification, size) }
  } catch {
    expect((0...size).contains(error.offset), "the error is inside of the message")
  }
  return 0
}

private let lists = {
  let text = """
    <definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="http://soap.sforce.com/2005/09/outbound"
      xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:e="urn:sobject.enterprise.soap.sforce.com"><types>
    <x:schema targetNamespace="urn:sobject.enterprise.soap.sforce.com"><x:complexType name="Account">
      <x:element name="A"/><x:element name="B"/><x:element name="Name"/></x:complexType></x:schema>
    <x:schema targetNamespace="http://soap.sforce.com/2005/09/outbound"><x:complexType name="N">
      <x:element name="sObject" type="e:Account"/></x:complexType></x:schema></types></definitions>
    """
  guard let list = try? OutboundMessageWSDL(Array(text.utf8)) else { broken("the list is one") }
  return FieldLists.byObject([list.object: list])
}()

private func isWellFormed(_ bytes: [UInt8]) -> Bool {
  do throws(XMLError) {
    var reader = try XMLReader(bytes)
    while try reader.next() != .finish {}
    return true
  } catch {
    return false
  }
}

private func check(_ notification: OutboundMessage.Notification, _ size: Int) {
  expect(notification.id.utf8.count == 18, "an id has 18 characters")
  // What a character is escaped as is at most twice as long; our own words take less than the rest.
  expect(notification.payload.count <= 2 * size + 1024, "a payload does not grow")
  guard let payload = try? JSON.parse(notification.payload) else { broken("a payload is JSON") }
  guard let fields = payload["fields"]?.object else { broken("a payload has its fields") }
  if payload["source"]?["fieldList"] != nil {
    expect(notification.unlisted.isEmpty && fields.count == 3, "a listed payload has the fields of its list")
  }
  expect(payload["source"]?["notification"]?.string == notification.id, "a payload says whose it is")
  expect(payload["record"]?["id"]?.string == notification.record, "a payload says which record it is of")
  expect((notification.record == nil) == (notification.change == .delete), "a record that is gone brings no id")
}
