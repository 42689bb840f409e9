import Formats
import HTTP

/// The words in which Salesforce wants its outbound messages answered.
enum SOAP {
  static let envelope = "http://schemas.xmlsoap.org/soap/envelope/"

  /// Salesforce counts a message as delivered only when it gets this (its knowledge article 000381752).
  static let acknowledgement = Response.xml(
    Array(
      """
      <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
      <soapenv:Body>
      <notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">
      <Ack>true</Ack>
      </notificationsResponse>
      </soapenv:Body>
      </soapenv:Envelope>

      """.utf8))

  /// A fault (SOAP 1.1 section 4.4); any is a failure to Salesforce, which sends the message again.
  static func fault(_ rejection: Rejection) -> Response {
    var body: [UInt8] = Array(
      "<soapenv:Envelope xmlns:soapenv=\"\(envelope)\">\n<soapenv:Body>\n<soapenv:Fault>\n".utf8)
    let side = rejection.status.rawValue < 500 ? "Client" : "Server"
    body += Array("<faultcode>soapenv:\(side)</faultcode>\n<faultstring>".utf8)
    XMLText.escape(rejection.sentence, into: &body)
    body += Array("</faultstring>\n</soapenv:Fault>\n</soapenv:Body>\n</soapenv:Envelope>\n".utf8)
    var response = Response.xml(body, status: rejection.status)
    rejection.addFields(to: &response)
    return response
  }
}
