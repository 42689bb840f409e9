import Formats
import HTTP
import Web

/// What stands under `/services/data/vNN.0/`.
struct SalesforceRoutes {
  let simulator: SalesforceSimulator
  let version: String

  func answer(_ method: Method, _ path: [String], _ request: Request) throws(SalesforceError) -> Response {
    let query = request.query.flatMap { Query($0) } ?? [:]
    switch (path[0], path.count) {
    case ("query", 1), ("queryAll", 1): return try self.query(query["q"] ?? "")
    case ("query", 2): return try more(path[1])
    case ("sobjects", 1): return .json(objects().bytes)
    case ("sobjects", 2...): return try record(method, Array(path.dropFirst()), query, request)
    case ("composite", 1):
      return .json(try composite(body(request)).bytes)
    case ("limits", 1):
      let used = simulator.state.withLock { $0.callsToday }
      let most = simulator.configuration.dailyLimit
      let limits: JSON = ["DailyApiRequests": ["Max": .number(Int64(most)), "Remaining": .number(Int64(most - used))]]
      return .json(limits.bytes)
    default: throw .notFound
    }
  }

  func body(_ request: Request) throws(SalesforceError) -> JSONObject {
    guard request.fields["Content-Type"]?.lowercased().hasPrefix("application/json") ?? false else {
      throw SalesforceError(415, "UNSUPPORTED_MEDIA_TYPE", "Content type of request was not of acceptable type.")
    }
    do {
      if let object = try JSON.parse(request.body).object { return object }
    } catch {
      throw SalesforceError("JSON_PARSER_ERROR", "Unexpected character at [line:\(error.line), column:\(error.column)]")
    }
    throw SalesforceError("JSON_PARSER_ERROR", "Unexpected element: an object is expected at [line:1, column:1]")
  }

  // MARK: queries

  private func query(_ text: String) throws(SalesforceError) -> Response {
    guard !text.isEmpty else { throw SalesforceError("MALFORMED_QUERY", "A query string has to be specified") }
    let query = try SOQLParser.parse(text)
    let org = simulator.state.withLock { $0.org }
    let answer = try SOQLRun(org: org, version: version).run(query)
    if let count = answer.count {
      return .json((["totalSize": .number(Int64(count)), "done": true, "records": []] as JSON).bytes)
    }
    return page(answer.records, from: 0, cursor: nil)
  }

  private func more(_ locator: String) throws(SalesforceError) -> Response {
    let parts = locator.split(separator: "-")
    guard parts.count == 2, let from = Digits.int(parts[1]),
      let records = simulator.state.withLock({ $0.cursors[String(parts[0])] }), from < records.count
    else { throw SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator") }
    return page(records, from: Int(from), cursor: String(parts[0]))
  }

  private func page(_ records: [JSON], from: Int, cursor: String?) -> Response {
    let end = min(records.count, from + simulator.configuration.pageSize)
    var answer: JSONObject = ["totalSize": .number(Int64(records.count)), "done": .bool(end == records.count)]
    if end < records.count {
      let id =
        cursor
        ?? simulator.state.withLock { state in
          let id = state.org.nextID("01g")
          state.cursors[id] = records
          return id
        }
      answer["nextRecordsUrl"] = .string("/services/data/\(version)/query/\(id)-\(end)")
    }
    answer["records"] = .array(Array(records[from..<end]))
    return .json(JSON.object(answer).bytes)
  }

  // MARK: records

  func record(
    _ method: Method, _ path: [String], _ query: Query, _ request: Request
  ) throws(SalesforceError) -> Response {
    let object = try simulator.state.withLock { (state) throws(SalesforceError) in try state.org.object(path[0]) }
    switch (method, path.count) {
    case (.post, 1): return created(try create(object.name, body(request)), isUpsert: false)
    case (.get, 1):
      return .json(
        (["objectDescribe": ["name": .string(object.name), "keyPrefix": .string(object.prefix)]] as JSON).bytes)
    case (.get, 2) where path[1] == "describe": return .json(Describing.describe(object).bytes)
    case (.get, 2), (.head, 2): return .json(try read(object, path[1], query).bytes)
    case (.patch, 2):
      try update(object.name, path[1], body(request))
      return Response(.noContent)
    case (.delete, 2):
      try delete(object.name, path[1])
      return Response(.noContent)
    case (.patch, 3), (.post, 3):
      let result = try upsert(object.name, path[1], path[2], body(request), updateOnly: query["updateOnly"] == "true")
      switch result {
      case .created(let id): return created(id, isUpsert: true)
      case .updated(let id): return .json(Self.result(id, isCreated: false).bytes)
      }
    case (.get, 3): return .json(try find(object, path[1], path[2], query).bytes)
    default:
      throw SalesforceError(405, "METHOD_NOT_ALLOWED", "HTTP Method '\(method.rawValue)' not allowed.")
    }
  }

  static func result(_ id: String, isCreated: Bool?) -> JSON {
    var result: JSONObject = ["id": .string(id), "success": true, "errors": []]
    if let isCreated { result["created"] = .bool(isCreated) }
    return .object(result)
  }

  private func created(_ id: String, isUpsert: Bool) -> Response {
    var response = Response.json(Self.result(id, isCreated: isUpsert ? true : nil).bytes, status: .created)
    response.fields["Location"] = "/services/data/\(version)/sobjects/\(id)"
    return response
  }

  func create(_ object: String, _ body: JSONObject) throws(SalesforceError) -> String {
    try simulator.write { (state) throws(SalesforceError) in
      state.org.user = state.integrationUser
      let id = try state.org.create(object, body)
      state.counters.wrote("\(object) \(id)")
      state.count(created: id)
      return id
    }
  }

  func update(_ object: String, _ id: String, _ body: JSONObject) throws(SalesforceError) {
    try simulator.write { (state) throws(SalesforceError) in
      state.org.user = state.integrationUser
      try state.org.update(object, id, body)
      state.counters.wrote("\(object) \(SalesforceID.normalise(id) ?? id)")
    }
  }

  func delete(_ object: String, _ id: String) throws(SalesforceError) {
    try simulator.write { (state) throws(SalesforceError) in
      state.org.user = state.integrationUser
      try state.org.delete(object, id)
      state.counters.wrote("\(object) \(SalesforceID.normalise(id) ?? id)")
    }
  }

  func upsert(
    _ object: String, _ field: String, _ value: String, _ body: JSONObject, updateOnly: Bool
  ) throws(SalesforceError) -> Org.Upserted {
    try simulator.write { (state) throws(SalesforceError) in
      state.org.user = state.integrationUser
      let result = try state.org.upsert(object, by: field, value, body, updateOnly: updateOnly)
      switch result {
      case .created(let id):
        state.counters.wrote("\(object) \(id)")
        state.count(created: id)
      case .updated(let id): state.counters.wrote("\(object) \(id)")
      }
      return result
    }
  }

  private func read(_ object: SObject, _ id: String, _ query: Query) throws(SalesforceError) -> JSON {
    let org = simulator.state.withLock { $0.org }
    let row = try org.row(object, id)
    return try show(row, object, org, query)
  }

  private func find(_ object: SObject, _ field: String, _ value: String, _ query: Query) throws(SalesforceError) -> JSON
  {
    let org = simulator.state.withLock { $0.org }
    guard let key = object[field], key.isExternalID || key.kind == .id else {
      throw SalesforceError(
        404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: \(field)")
    }
    let wanted = try key.cell(from: .string(value))
    let found = org.all(object.name).filter { Org.isSame($0[key.name], wanted) }
    guard found.count <= 1 else { throw SalesforceError(300, "MULTIPLE", found.map(\.id).joined(separator: ",")) }
    guard let row = found.first else { throw .notFound }
    return try show(row, object, org, query)
  }

  private func show(_ row: Org.Row, _ object: SObject, _ org: Org, _ query: Query) throws(SalesforceError) -> JSON {
    var shown = SOQLRun(org: org, version: version).attributes(row)
    guard let list = query["fields"] else {
      for field in object.fields { shown[field.name] = FieldShowing.json(row[field.name], field.kind) }
      return .object(shown)
    }
    for name in list.split(separator: ",").map({ String($0).trimmed() }) {
      guard let field = object[name] else { throw .noColumn(name, object.name) }
      shown[field.name] = FieldShowing.json(row[field.name], field.kind)
    }
    shown["Id"] = .string(row.id)
    return .object(shown)
  }

  private func objects() -> JSON {
    let all = simulator.state.withLock { $0.org.objects.values.sorted { $0.name < $1.name } }
    return [
      "encoding": "UTF-8", "maxBatchSize": 200,
      "sobjects": .array(
        all.map { ["name": .string($0.name), "label": .string($0.label), "keyPrefix": .string($0.prefix)] }),
    ]
  }
}

extension SalesforceSimulator.State {
  /// Counts a new record under each external id that it carries.
  mutating func count(created id: String) {
    guard let row = org.rows[id], let object = org.objects[row.object.lowercased()] else { return }
    for field in object.fields where field.isExternalID {
      if let key = row[field.name].text { counters.created("\(object.name).\(field.name) \(key)") }
    }
  }
}
