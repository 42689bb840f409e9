import Formats

/// Reads one value as NetSuite stores it: trimmed, in its own form, or refused with the place.
struct FieldReader {
  let books: Books
  let path: String

  func cell(_ field: RecordField, _ json: JSON) throws(NetSuiteError) -> Cell {
    if json.isNull { return .null }
    switch field.kind {
    case .text(let limit): return try text(field, json, limit)
    case .email: return try email(field, json)
    case .phone: return try phone(field, json)
    case .url: return try url(field, json)
    case .bool:
      guard let value = json.bool else { throw invalid(field, json) }
      return .bool(value)
    case .integer:
      guard let number = json.decimal, number.intValue != nil else { throw invalid(field, json) }
      return .number(number.rounded(scale: 0, .down))
    case .number(let scale): return try number(field, json, scale)
    case .money: return try number(field, json, 2)
    case .rate: return try rate(field, json)
    case .date:
      guard let date = json.string.flatMap({ CalendarDate($0) }) else { throw invalid(field, json) }
      return .date(date)
    case .dateTime:
      guard let instant = json.string.flatMap({ Instant($0) }) else { throw invalid(field, json) }
      return .instant(instant)
    case .choice(let choices): return try choice(field, json, choices)
    case .reference(let types): return try reference(field, json, types)
    case .breakpoint: return try number(field, json["value"] ?? json, 0)
    case .subrecord: throw invalid(field, json)
    }
  }

  private func invalid(_ field: RecordField, _ json: JSON) -> NetSuiteError {
    let shown = json.string ?? json["id"]?.string ?? json["id"]?.int.map(String.init) ?? json.text
    return .invalidValue(shown, field.name, path: path)
  }

  private func text(_ field: RecordField, _ json: JSON, _ limit: Int) throws(NetSuiteError) -> Cell {
    guard let given = json.string else { throw invalid(field, json) }
    let text = given.trimmed()
    if text.isEmpty { return .null }
    guard text.count <= limit else {
      throw .content(
        "The field \(field.name) contained more than the maximum number ( \(limit) ) of characters allowed.", path: path
      )
    }
    if field.name == "externalId" {
      let isPlain = text.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x2D
          || $0 == 0x5F
      }
      guard isPlain else { throw .content("Invalid external ID: \(text). Use letters, digits, _ and -.", path: path) }
    }
    return .text(text)
  }

  private func email(_ field: RecordField, _ json: JSON) throws(NetSuiteError) -> Cell {
    let cell = try text(field, json, 254)
    guard let address = cell.text else { return cell }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !address.contains(" ") else {
      throw .user("Invalid email address: \(address)", path: path)
    }
    return cell
  }

  /// Seven digits at least; ten digits are shown as the account formats them.
  private func phone(_ field: RecordField, _ json: JSON) throws(NetSuiteError) -> Cell {
    let cell = try text(field, json, 32)
    guard let given = cell.text else { return cell }
    let digits = given.filter { $0.isASCII && $0.isNumber }
    guard digits.count >= 7 else { throw .user("Phone number should have seven digits or more.", path: path) }
    let isPlain = given.allSatisfy { ($0.isASCII && $0.isNumber) || "()-. ".contains($0) }
    guard digits.count == 10, isPlain else { return cell }
    let all = Array(digits)
    return .text("(\(String(all[0..<3]))) \(String(all[3..<6]))-\(String(all[6...]))")
  }

  /// A web address in NetSuite's own form: with a scheme, the host in lower case, and a slash where no path follows it.
  private func url(_ field: RecordField, _ json: JSON) throws(NetSuiteError) -> Cell {
    let cell = try text(field, json, 100)
    guard var address = cell.text else { return cell }
    guard !address.contains(" ") else {
      throw .user("Invalid url. Url must start with http://, https://, ftp://, or file://", path: path)
    }
    let schemes = ["http://", "https://", "ftp://", "file://"]
    if !schemes.contains(where: { address.lowercased().hasPrefix($0) }) { address = "http://" + address }
    guard let colon = address.firstIndex(of: ":") else { return cell }
    let scheme = address[..<colon].lowercased()
    let rest = address[address.index(colon, offsetBy: 3)...]
    let slash = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let path = rest[slash...]
    return .text("\(scheme)://\(rest[..<slash].lowercased())\(path.isEmpty ? "/" : String(path))")
  }

  private func number(_ field: RecordField, _ json: JSON, _ scale: Int) throws(NetSuiteError) -> Cell {
    guard let number = json.decimal ?? json.string.flatMap({ ExactDecimal($0) }) else { throw invalid(field, json) }
    guard number.magnitude < ExactDecimal(1_000_000_000_000) else { throw invalid(field, json) }
    return .number(number.rounded(scale: scale, .halfUp))
  }

  private func rate(_ field: RecordField, _ json: JSON) throws(NetSuiteError) -> Cell {
    if let text = json.string?.trimmed(), text.hasSuffix("%") {
      guard let percent = ExactDecimal(text.dropLast().trimmed()) else { throw invalid(field, json) }
      return .text(percent.description + "%")
    }
    return try number(field, json, 8)
  }

  /// By id, or by the name that people see; as an object or plain.
  private func choice(_ field: RecordField, _ json: JSON, _ choices: [String: String]) throws(NetSuiteError) -> Cell {
    let given = json["id"]?.string ?? json["refName"]?.string ?? json.string
    guard let given else { throw invalid(field, json) }
    if choices[given] != nil { return .text(given) }
    guard let match = choices.first(where: { $0.value.lowercased() == given.lowercased() }) else {
      throw invalid(field, json)
    }
    return .text(match.key)
  }

  /// `{"id":"5"}`, `{"externalId":"x"}` or `{"refName":"Net 30"}`: checked against the records that are there.
  private func reference(_ field: RecordField, _ json: JSON, _ names: [String]) throws(NetSuiteError) -> Cell {
    guard let object = json.object, let type = names.first.flatMap({ books.types[$0.lowercased()] }) else {
      throw invalid(field, json)
    }
    let found: Books.Entry?
    if let id = object["id"], !id.isNull {
      found = books.entry(id.string ?? id.int.map(String.init), of: names)
    } else if let external = object["externalId"]?.string {
      found = books.entry(externalID: external, type.group).flatMap { names.contains($0.type) ? $0 : nil }
    } else if let name = object["refName"]?.string {
      let matches = books.all(type.group).filter {
        names.contains($0.type) && books.name(of: $0).lowercased() == name.lowercased()
      }
      found = matches.count == 1 ? matches.first : nil
    } else {
      throw invalid(field, json)
    }
    guard let found else { throw invalid(field, json) }
    return found.reference
  }
}
