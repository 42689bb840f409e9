/// What an account knows of a record type: its fields, its sublists, and which others share its external ids.
struct RecordType: Sendable {
  /// External ids are unique over the whole group, and so are internal ids.
  enum Group: Sendable, Hashable {
    case entity, item, transaction
    case list(String)
  }

  let name: String
  let label: String
  let group: Group
  /// The `type` column of SuiteQL: `SalesOrd`, `InvtPart`.
  let code: String
  var fields: [RecordField]
  var sublists: [Sublist]

  init(
    _ name: String, _ label: String, _ group: Group, code: String = "", _ fields: [RecordField],
    sublists: [Sublist] = []
  ) {
    self.name = name
    self.label = label
    self.group = group
    self.code = code
    self.fields = fields + RecordField.common
    self.sublists = sublists
  }

  /// Property names are told apart without regard to case.
  func field(_ name: String) -> RecordField? {
    let name = name.lowercased()
    return fields.first { $0.name.lowercased() == name }
  }

  func sublist(_ name: String) -> Sublist? {
    let name = name.lowercased()
    return sublists.first { $0.name.lowercased() == name }
  }
}

struct Sublist: Sendable {
  let name: String
  /// The property that tells lines apart: `line`, `internalId`.
  let key: String
  var fields: [RecordField]
  /// Fields that stand in a record of their own inside the line: `addressBookAddress`.
  var subrecord: String?
  var subfields: [RecordField] = []

  func field(_ name: String) -> RecordField? {
    let name = name.lowercased()
    return fields.first { $0.name.lowercased() == name }
  }
}

struct RecordField: Sendable {
  enum Kind: Sendable, Hashable {
    case text(Int)
    case email, phone, url
    case bool
    case integer
    case number(scale: Int)
    case money
    /// A price, or a percentage in text: `-10%`.
    case rate
    case date, dateTime
    /// Ids and the names people see.
    case choice([String: String])
    /// A record of one of these types.
    case reference([String])
    /// Fields of its own under one name: `shippingAddress`. Stored as `shippingAddress.addr1`.
    case subrecord
    /// `{"value": 5}`, the quantity break of a price.
    case breakpoint
  }

  let name: String
  let label: String
  let kind: Kind
  var isRequired = false
  var isReadOnly = false
  var subfields: [RecordField] = []

  init(_ name: String, _ label: String? = nil, _ kind: Kind) {
    self.name = name
    self.kind = kind
    self.label = label ?? Self.spaced(name)
  }

  /// `companyName` → `Company Name`.
  private static func spaced(_ name: String) -> String {
    var text = ""
    for character in name {
      if character.isUppercase { text += " " }
      text += text.isEmpty ? character.uppercased() : String(character)
    }
    return text
  }

  func required() -> Self { changed { $0.isRequired = true } }
  func readOnly() -> Self { changed { $0.isReadOnly = true } }

  static func subrecord(_ name: String, _ fields: [RecordField]) -> Self {
    RecordField(name, nil, .subrecord).changed { $0.subfields = fields }
  }

  private func changed(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }

  static let common = [
    RecordField("externalId", .text(255)), RecordField("lastModifiedDate", .dateTime).readOnly(),
    RecordField("dateCreated", .dateTime).readOnly(),
  ]
}

extension RecordField {
  init(_ name: String, _ kind: Kind) { self.init(name, nil, kind) }
}
