import Formats
import HTTP
import Web

/// `/services/rest/record/v1/…` and `/services/rest/query/v1/suiteql`.
struct NetSuiteRoutes {
  let simulator: NetSuiteSimulator
  let query: Query
  let request: Request

  private var base: String { simulator.state.withLock { $0.base } + "/services/rest/record/v1" }

  /// Names of `?replace=`, in lower case.
  private var replaced: Set<String> {
    Set((query["replace"] ?? "").split(separator: ",").map { $0.lowercased() })
  }

  private func body() throws(NetSuiteError) -> JSONObject {
    let type = request.fields["Content-Type"]?.lowercased() ?? ""
    guard type.hasPrefix("application/json") || type.hasPrefix("application/vnd.oracle.resource+json") else {
      throw NetSuiteError("Unsupported media type.", code: "INVALID_REQUEST", status: 415)
    }
    guard let object = (try? JSON.parse(request.body))?.object else { throw .malformed }
    return object
  }

  private func noContent(_ type: RecordType, _ id: Int) -> Response {
    Response(.noContent, fields: ["Location": "\(base)/\(type.name)/\(id)"])
  }

  func record(_ path: [String]) throws(NetSuiteError) -> Response {
    let type = try simulator.state.withLock { (state) throws(NetSuiteError) in try state.books.type(path[0]) }
    switch (request.method, path.count) {
    case (.post, 1): return try create(type)
    case (.get, 1): return try list(type)
    case (.get, 2): return try get(type, path[1])
    case (.get, 3): return try getList(type, path[1], path[2])
    case (.patch, 2): return try patch(type, path[1])
    case (.put, 2): return try put(type, path[1])
    case (.delete, 2): return try delete(type, path[1])
    case (.post, 4) where path[2] == "!transform": return try transform(type, path[1], path[3])
    default: throw NetSuiteError("Method not allowed.", code: "METHOD_NOT_ALLOWED", status: 405)
    }
  }

  // MARK: reading

  private func entry(_ type: RecordType, _ key: String, _ books: Books) throws(NetSuiteError) -> Books.Entry {
    let found =
      key.hasPrefix("eid:")
      ? books.entry(externalID: String(key.dropFirst(4)), type.group)
      : Books.number(key).flatMap { books.entry(type, $0) }
    guard let found, found.type == type.name else { throw .missing }
    return found
  }

  private func get(_ type: RecordType, _ key: String) throws(NetSuiteError) -> Response {
    let books = simulator.state.withLock { $0.books }
    let entry = try entry(type, key, books)
    // A read loads the record as for editing.
    guard !books.locked.contains(Books.Key(group: type.group, id: entry.id)) else { throw .locked }
    let only = query["fields"].map { Set($0.split(separator: ",").map { $0.lowercased() }) }
    let expands = query["expandSubResources"] == "true"
    return .json(RecordShowing(books: books, base: base).show(entry, expands: expands, only: only).bytes)
  }

  private func getList(_ type: RecordType, _ key: String, _ name: String) throws(NetSuiteError) -> Response {
    let books = simulator.state.withLock { $0.books }
    let entry = try entry(type, key, books)
    guard let sublist = type.sublist(name) else { throw .missing }
    return .json(RecordShowing(books: books, base: base).list(entry, sublist).bytes)
  }

  private func list(_ type: RecordType) throws(NetSuiteError) -> Response {
    let books = simulator.state.withLock { $0.books }
    let limit = query["limit"].flatMap { Digits.int($0, max: 1000) } ?? 1000
    let offset = query["offset"].flatMap { Digits.int($0) } ?? 0
    guard limit > 0, offset % limit == 0 else {
      throw NetSuiteError("The offset must be divisible by the limit.", code: "INVALID_PARAMETER")
    }
    let filter = try ListFilter(query["q"], type)
    let all = books.all(type.name).filter { filter.matches($0) }
    let page = all.dropFirst(Int(offset)).prefix(Int(limit))
    let items = page.map { entry -> JSON in
      [
        "links": [["rel": "self", "href": .string("\(base)/\(type.name)/\(entry.id)")]],
        "id": .string(String(entry.id)),
      ]
    }
    let answer: JSON = [
      "links": [], "items": .array(items), "count": .number(Int64(items.count)), "offset": .number(offset),
      "hasMore": .bool(Int(offset) + items.count < all.count), "totalResults": .number(Int64(all.count)),
    ]
    return .json(answer.bytes)
  }

  func suiteQL() throws(NetSuiteError) -> Response {
    let prefers = request.fields["Prefer"]?.lowercased() ?? ""
    guard prefers.split(separator: ",").contains(where: { $0.trimmed() == "transient" }) else {
      throw NetSuiteError(
        "Invalid request. The Prefer header must be set to transient.", code: "INVALID_HEADER")
    }
    let body = try body()
    guard let text = body["q"]?.string else { throw .malformed }
    let limit = query["limit"].flatMap { Digits.int($0, max: 1000) } ?? 1000
    let offset = query["offset"].flatMap { Digits.int($0) } ?? 0
    guard limit > 0, offset % limit == 0 else {
      throw NetSuiteError("The offset must be divisible by the limit.", code: "INVALID_PARAMETER")
    }
    var parameters: [Cell] = []
    for json in body["params"]?.array ?? [] {
      guard json.isNull || json.string != nil || json.decimal != nil else { throw .malformed }
      parameters.append(
        json.decimal.map { .number($0) } ?? json.string.flatMap { $0.isEmpty ? nil : .text($0) } ?? .null)
    }
    let books = simulator.state.withLock { state -> Books in
      state.books.now = SalesforceSimulator.now()
      return state.books
    }
    let answer = try SQLRun.run(text, parameters, books)
    return .json(SuiteQLAnswer(books: books).page(answer, limit: Int(limit), offset: Int(offset)).bytes)
  }

  // MARK: writing

  private func read(_ type: RecordType, _ body: JSONObject, _ books: Books) throws(NetSuiteError) -> RecordInput {
    let validation = request.fields["X-NetSuite-PropertyNameValidation"]?.lowercased()
    return try BodyReader(books: books, type: type, refusesUnknown: validation == "error").read(body)
  }

  private func write(
    _ type: RecordType, _ body: @Sendable (inout NetSuiteSimulator.State) throws(NetSuiteError) -> Int
  ) throws(NetSuiteError) -> Response {
    noContent(type, try simulator.write(context: "RESTWEBSERVICES", body))
  }

  private func create(_ type: RecordType) throws(NetSuiteError) -> Response {
    let body = try body()
    return try write(type) { (state) throws(NetSuiteError) in
      let id = try state.books.create(type, try read(type, body, state.books), replaced: replaced)
      state.count(created: id, type)
      return id
    }
  }

  private func patch(_ type: RecordType, _ key: String) throws(NetSuiteError) -> Response {
    let body = try body()
    return try write(type) { (state) throws(NetSuiteError) in
      let entry = try entry(type, key, state.books)
      try state.books.update(type, entry.id, try read(type, body, state.books), replaced: replaced)
      state.counters.wrote("\(type.name) \(entry.id)")
      return entry.id
    }
  }

  /// By external id: made where it is not there, else changed; lines without keys are appended either way.
  private func put(_ type: RecordType, _ key: String) throws(NetSuiteError) -> Response {
    var body = try body()
    guard key.hasPrefix("eid:") else { throw NetSuiteError("PUT takes an external id.", code: "INVALID_REQUEST") }
    let external = String(key.dropFirst(4))
    body["externalId"] = .string(external)
    let whole = body
    return try write(type) { (state) throws(NetSuiteError) in
      let input = try read(type, whole, state.books)
      if let entry = state.books.entry(externalID: external, type.group), entry.type == type.name {
        try state.books.update(type, entry.id, input, replaced: replaced)
        state.counters.wrote("\(type.name) \(entry.id)")
        return entry.id
      }
      let id = try state.books.create(type, input, replaced: replaced)
      state.count(created: id, type)
      return id
    }
  }

  private func delete(_ type: RecordType, _ key: String) throws(NetSuiteError) -> Response {
    _ = try write(type) { (state) throws(NetSuiteError) in
      let entry = try entry(type, key, state.books)
      try state.books.delete(type, entry.id)
      state.counters.wrote("\(type.name) \(entry.id)")
      return entry.id
    }
    return Response(.noContent)
  }

  private func transform(_ type: RecordType, _ key: String, _ name: String) throws(NetSuiteError) -> Response {
    let body = request.body.isEmpty ? [:] : try body()
    let target = try simulator.state.withLock { (state) throws(NetSuiteError) in try state.books.type(name) }
    return try write(target) { (state) throws(NetSuiteError) in
      let source = try entry(type, key, state.books)
      let input = try read(target, body, state.books)
      let id = try state.books.transform(type, source.id, to: target, input, replaced: replaced)
      state.count(created: id, target)
      return id
    }
  }
}

extension NetSuiteSimulator.State {
  mutating func count(created id: Int, _ type: RecordType) {
    counters.wrote("\(type.name) \(id)")
    if let key = books.entry(type, id)?["externalId"].text { counters.created("\(type.name) \(key.lowercased())") }
  }
}
