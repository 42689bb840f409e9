import Client
import Connectors
import Events
import Glibc
import HTTP
import Testing

private let fixtures = getenv("CAUSEWAY_FIXTURES").map { String(cString: $0) }

private func bytes(_ name: String) throws -> [UInt8] {
  let file = try #require(fopen("\(fixtures ?? "")/\(name)", "rb"))
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return Array(bytes[..<count])
}

/// Real errors of both systems, and what each means.
@Suite(.enabled(if: fixtures != nil, "set CAUSEWAY_FIXTURES to read real errors"))
struct FixtureErrorTests {
  private struct Meaning: Equatable {
    var verdict: String
    var kind: Reason.Class
    var field: String?
  }

  private func meaning(_ failure: Failure?) -> Meaning? {
    switch failure {
    case nil: nil
    case .later(_, .event, let reason): Meaning(verdict: "later, event", kind: reason.kind, field: reason.field)
    case .later(_, .destination, let reason):
      Meaning(verdict: "later, destination", kind: reason.kind, field: reason.field)
    case .never(let reason): Meaning(verdict: "never", kind: reason.kind, field: reason.field)
    case .unknown(let reason): Meaning(verdict: "unknown", kind: reason.kind, field: reason.field)
    case .held(let reason): Meaning(verdict: "held", kind: reason.kind, field: reason.field)
    }
  }

  @Test(
    arguments: [
      ("error_unable_to_lock_row", 400, "later, event", Reason.Class.busy, nil),
      ("error_lock_wrapped_by_apex", 400, "later, event", .busy, nil),
      ("error_duplicates_detected_duplicateResut", 400, "held", .conflict, nil),
      ("error_duplicates_detected_minimal", 400, "held", .conflict, nil),
      ("error_required_field_missing", 400, "never", .validation, "LastName"),
      ("error_string_too_long", 400, "never", .validation, "BST_SAP_Batch_Id__c"),
      ("error_not_found_external_id_field", 404, "never", .configuration, nil),
    ] as [(String, Int, String, Reason.Class, String?)])
  func `an error of Salesforce means what it should`(
    _ name: String, _ status: Int, _ verdict: String, _ kind: Reason.Class, _ field: String?
  ) async throws {
    let body = try bytes("salesforce-api/\(name).json")
    let client = ScriptedClient { _, _ in .success(ClientResponse(status: status, body: body)) }
    let connector = try salesforce(client)
    let target: RecordWrite.Target =
      name.contains("external_id") ? .create(field: "Ext__c", externalID: "x") : .update(id: "003A")
    let write = RecordWrite(type: "Contact", target: target, fields: ["LastName": .text("x")])
    let error = await failure { () async throws(Failure) in _ = try await connector.write(write) }
    #expect(meaning(error) == Meaning(verdict: verdict, kind: kind, field: field))
  }

  @Test(
    arguments: [
      ("error_400_invalid_content_errorPath.json", 400, "never", Reason.Class.reference, "item.items[0].item"),
      ("error_400_invalid_request.json", 400, "never", .validation, nil),
      ("error_400_user_error_duplicate_entity.json", 400, "never", .conflict, nil),
      ("error_400_user_error_line_path.json", 400, "never", .reference, "expense.items[2]"),
      ("error_400_user_error_permission_disguised.json", 400, "held", .permission, nil),
      ("error_400_user_error_required_field.json", 400, "never", .validation, "Company Name"),
      ("error_400_user_error_workflow_lock_on_GET.json", 400, "later, event", .busy, nil),
      ("error_401_invalid_login.json", 401, "later, destination", .authentication, nil),
      ("error_404_nonexistent.json", 404, "never", .reference, nil),
      ("error_429_concurrency.json", 429, "later, destination", .limit, nil),
      ("error_429_concurrency.as_printed_invalid_json.txt", 429, "later, destination", .limit, nil),
      ("error_500_unexpected.json", 500, "unknown", .unavailable, nil),
    ] as [(String, Int, String, Reason.Class, String?)])
  func `an error of NetSuite means what it should`(
    _ name: String, _ status: Int, _ verdict: String, _ kind: Reason.Class, _ field: String?
  ) async throws {
    let body = try bytes("netsuite/netsuite-rest/\(name)")
    let client = ScriptedClient { _, _ in .success(ClientResponse(status: status, body: body)) }
    let connector = try netsuite(client)
    let write = RecordWrite(type: "customer", target: .update(id: "7"), fields: ["companyName": .text("x")])
    let error = await failure { () async throws(Failure) in _ = try await connector.write(write) }
    #expect(meaning(error) == Meaning(verdict: verdict, kind: kind, field: field))
    if name.contains("concurrency") { #expect(error?.reason.code == "CONCURRENCY_LIMIT_EXCEEDED") }
  }

  @Test func `a query with a wrong field is the configuration's fault`() async throws {
    let body = try bytes("netsuite/netsuite-rest/error_400_suiteql_bad_field.json")
    let client = ScriptedClient { _, _ in .success(ClientResponse(status: 400, body: body)) }
    let connector = try netsuite(client)
    let error = await failure { () async throws(Failure) in _ = try await connector.query("SELECT foo FROM item", []) }
    #expect(meaning(error) == Meaning(verdict: "never", kind: .configuration, field: nil))
  }

  @Test func `a refused sign-in names Salesforce's own reason`() async throws {
    struct Refusing: HTTPClient {
      let body: [UInt8]
      func send(_ request: OutgoingRequest) async throws(ClientError) -> ClientResponse {
        ClientResponse(status: 400, body: body)
      }
    }
    let settings = SalesforceSettings(
      organization: "00D", url: "https://login.salesforce.com", clientID: "c", user: "u", key: try Keys.rsa.get())
    let connector = SalesforceConnector(settings, client: Refusing(body: try bytes("salesforce-api/oauth_error.json")))
    let error = await failure { () async throws(Failure) in _ = try await connector.query("SELECT Id FROM User", []) }
    #expect(error?.reason.code == "invalid_grant")
    #expect(meaning(error) == Meaning(verdict: "later, destination", kind: .authentication, field: nil))
  }
}
