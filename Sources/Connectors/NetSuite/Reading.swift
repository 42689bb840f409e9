import Events

/// How SuiteQL reads a field that the write API names, and how that API wants it written.
struct Reading: Sendable {
  enum Form: Sendable {
    case plain
    /// What is sold is negative in the tables and positive in the API.
    case negated
    /// The column holds an id; `BUILTIN.DF` gives the name.
    case displayed
    /// The column holds an id; another column holds the name.
    case named(String)
    /// A letter, `SalesOrd:B` in some places; `BUILTIN.DF` gives `Sales Order : Pending Fulfillment`.
    case status
    /// The letter alone.
    case letter
    /// A sum over the transaction's lines that meet this condition, negated.
    case sum(String)
    /// The record type, as the write API spells it.
    case recordType
  }

  enum Wire: Sendable {
    /// Numbers, texts, flags as such; choices and references as `{"id":…}`.
    case plain
    /// `{"id":"US"}`, of these names or of any text that is one already.
    case code([String: String])
  }

  var kind: FieldSchema.Kind
  /// An expression over the query's aliases: `t.companyname`.
  var column: String
  /// The alias that has to be joined for it.
  var join: Join?
  var form = Form.plain
  var wire = Wire.plain
  var isWritable = true

  var schema: FieldSchema { FieldSchema(kind, isWritable: isWritable) }
}

/// `LEFT JOIN … ` and its condition, and what has to be joined before it.
struct Join: Sendable, Hashable {
  let text: String
  var after: [String] = []

  /// Every join that this one needs, in order.
  var all: [String] { after + ["LEFT JOIN " + text] }
}

/// Where the fields and lists of a record type are read.
struct RecordReadings: Sendable {
  /// External ids are unique over all records of a group; this is its table.
  enum Group: String, Sendable { case entity, item, transaction, none }

  /// With the alias `t`.
  var table: String
  var group: Group
  /// What tells the type from others of the table: `t.type = 'SalesOrd'`.
  var only: String?
  var fields: [String: Reading]
  var lists: [String: ListReadings] = [:]
  /// The prefix of the record's own custom fields.
  var custom: String

  var schema: RecordSchema { RecordSchema(fields: fields.mapValues(\.schema), lists: lists.mapValues(\.schema)) }
}

struct ListReadings: Sendable {
  /// With its aliases; the element's own is `l`.
  var from: String
  /// The column that holds the record's id.
  var parent: String
  var only: String?
  /// The key's name in the API and its column. Nil: elements have none, and the list is read only.
  var key: (name: String, column: String)?
  var order: String
  var fields: [String: Reading]
  /// Fields that stand in a subrecord of the element: `addressBookAddress`.
  var inside: (name: String, fields: Set<String>)?
  var custom = ""

  var schema: ListSchema { ListSchema(key: key?.name, fields: fields.mapValues(\.schema)) }
}

extension Reading {
  /// Names of one kind, blanks between them; `as` where SuiteQL's column is not the name in lower case:
  /// `salesDescription=description`.
  static func fields(
    _ names: String, _ kind: FieldSchema.Kind, _ form: Form = .plain, of alias: String = "t", join: Join? = nil,
    wire: Wire = .plain, readOnly: Bool = false
  ) -> [String: Reading] {
    var all: [String: Reading] = [:]
    for word in names.split(separator: " ") {
      let parts = word.split(separator: "=")
      let name = String(parts[0])
      let column = parts.count > 1 ? String(parts[1]) : name.lowercased()
      all[name] = Reading(
        kind: kind, column: "\(alias).\(column)", join: join, form: form, wire: wire, isWritable: !readOnly)
    }
    return all
  }

  static func one(
    _ name: String, _ kind: FieldSchema.Kind, _ column: String, _ form: Form = .plain, join: Join? = nil,
    wire: Wire = .plain, readOnly: Bool = false
  ) -> [String: Reading] {
    [name: Reading(kind: kind, column: column, join: join, form: form, wire: wire, isWritable: !readOnly)]
  }

  static func union(_ parts: [String: Reading]...) -> [String: Reading] {
    parts.reduce(into: [:]) { $0.merge($1) { _, later in later } }
  }
}
