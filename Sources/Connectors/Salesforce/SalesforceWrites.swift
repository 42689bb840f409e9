import Events
import Formats
import HTTP

extension SalesforceConnector {
  /// By external id, so that a repeat finds what the first one made. Who has the id already is asked first: an upsert
  /// would change that record instead.
  func create(_ write: RecordWrite, _ field: String, _ externalID: String) async throws(Failure) -> RecordID {
    let taken = try await rows(
      "SELECT Id FROM \(write.type) WHERE \(field) = \(SOQL.quoted(externalID)) ORDER BY Id LIMIT 1")
    if let owner = taken.first?["Id"]?.string {
      throw .never(
        Reason(
          "external-id-taken", .conflict, "A \(write.type) has the \(field) {0} already.", quoted: [externalID],
          side: .salesforce, record: RecordID(type: write.type, id: owner), field: field))
    }
    var body = try await body(write)
    // The key stands in the path and must not stand in the body.
    body[field] = nil
    let target = path(write.type) + "/\(PercentCoding.encode(field))/\(PercentCoding.encode(externalID))"
    let response = try await call(.patch, target, body, .write, nil)
    guard let id = (try? JSON.parse(response.body))?["id"]?.string else {
      throw .unknown(
        Reason("no-id", .unavailable, "Salesforce took a new \(write.type) and did not say its id.", side: .salesforce))
    }
    return RecordID(type: write.type, id: id)
  }

  func update(_ write: RecordWrite, _ id: String) async throws(Failure) -> RecordID {
    let record = RecordID(type: write.type, id: id)
    let body = try await body(write)
    if !body.isEmpty {
      _ = try await call(.patch, path(write.type) + "/\(PercentCoding.encode(id))", body, .write, record)
    }
    return record
  }

  private func path(_ type: String) -> String {
    "/services/data/\(settings.version)/sobjects/\(PercentCoding.encode(type))"
  }

  private func body(_ write: RecordWrite) async throws(Failure) -> JSONObject {
    var body = JSONObject()
    for (field, value) in write.fields.sorted(by: { $0.key < $1.key }) {
      let kind = schema[write.type]?.fields[field]?.kind
      if case .reference(nil, let name?) = value, case .record(let types)? = kind, let type = types.first {
        body[field] = .string(try await id(of: name, type))
      } else {
        body[field] = SalesforceValues.json(value)
      }
    }
    return body
  }

  /// A record that a configuration names as people do: `Standard Price Book`.
  private func id(of name: String, _ type: String) async throws(Failure) -> String {
    let found = try await names.id(of: name, in: type) { () async throws(Failure) in
      try await self.rows("SELECT Id FROM \(type) WHERE Name = \(SOQL.quoted(name)) ORDER BY Id LIMIT 2").compactMap {
        $0["Id"]?.string
      }
    }
    return try found.one(name, type, .salesforce)
  }
}
