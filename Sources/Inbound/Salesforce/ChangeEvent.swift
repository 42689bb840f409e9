import Events
import Formats

/// A change event: one change that hit one or several records of an entity in one transaction.
struct ChangeEvent {
  let entity: String
  let records: [RecordReference]
  private let header: JSONObject
  private let type: String
  private let transaction: String
  private let sequence: String
  private let fields: ChangedFields
  private let source: JSONObject

  enum RecordReference: Hashable {
    /// 18 characters.
    case one(String)
    /// `001*`, or the id of zeros that an overflow has: nothing less than the whole entity.
    case all(String)

    init(_ text: String) {
      if let id = SalesforceID.normalized(text), !text.utf8.prefix(15).allSatisfy({ $0 == 0x30 }) {
        self = .one(id)
      } else {
        self = .all(text)
      }
    }

    var text: String {
      switch self {
      case .one(let id), .all(let id): id
      }
    }
  }

  /// Nil where there is no change event's header, or not all of it that makes an identity.
  init?(_ envelope: EventEnvelope, _ schemas: [String: [ChangeEventField]]) {
    guard let header = envelope.body["ChangeEventHeader"]?.object, let entity = header["entityName"]?.string,
      let type = header["changeType"]?.string, let transaction = header["transactionKey"]?.string,
      case .number(let sequence)? = header["sequenceNumber"]
    else { return nil }
    // Decoders in the wild hand over a single `recordId`.
    let ids = header["recordIds"]?.array ?? header["recordId"].map { [$0] } ?? []
    let texts = ids.compactMap(\.string)
    let length = entity.utf8.count + type.utf8.count + transaction.utf8.count
    guard !texts.isEmpty, texts.count == ids.count, length < Limits.identity / 2,
      texts.allSatisfy({ (1...Limits.salesforceID).contains($0.utf8.count) })
    else { return nil }
    self.entity = entity
    self.type = type
    self.transaction = transaction
    self.sequence = sequence.text
    // Each event has its own record; a list of thousands in each of thousands would be a flood.
    var kept = header
    if ids.count > 1 { kept["recordIds"] = nil }
    self.header = kept
    var seen: Set<RecordReference> = []
    records = texts.map { RecordReference($0) }.filter { seen.insert($0).inserted }
    fields = ChangedFields(header, envelope.body, type: type, schema: schemas[entity])
    source = envelope.source
  }

  /// Bytes that the payloads of several records take together, about; 0 of one, which the body's limit bounds.
  var size: Int { records.count > 1 ? payload(of: records[0]).count * records.count : 0 }

  func id(of record: RecordReference) -> String {
    "\(transaction)/\(sequence)/\(entity)/\(record.text)/\(type)"
  }

  /// The record's own order; what concerns the whole entity has a lane of the entity.
  func key(of record: RecordReference) -> String {
    if case .one(let id) = record, type != "GAP_OVERFLOW" { return id }
    return entity
  }

  func kind(of record: RecordReference) -> Event.Change {
    if case .all = record { return .overflow }
    return switch type {
    case "CREATE": .create
    case "UPDATE": .update
    case "DELETE": .delete
    case "UNDELETE": .undelete
    case "GAP_OVERFLOW": .overflow
    case "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE": .gap
    default: .unknown
    }
  }

  /// `{"record"?, "fields", "fieldsSelected", "at"?, "change", "source": {"header", "changed"?, "diffs"?, …}}`. `fields` is
  /// the whole record where it was made or came back; in an update it is what changed, with null for what became null,
  /// and what the channel adds. Of an event without a record (`change` is `overflow`) every record may be wanted.
  func payload(of record: RecordReference) -> [UInt8] {
    var payload = JSONObject()
    if case .one(let id) = record { payload["record"] = ["type": .string(entity), "id": .string(id)] }
    payload["fields"] = .object(fields.values)
    payload["fieldsSelected"] = .bool(type != "CREATE" && type != "UNDELETE")
    if let at = EventEnvelope.instant(header["commitTimestamp"]) { payload["at"] = .string(at.description) }
    payload["change"] = .string(kind(of: record).rawValue)
    var source = source
    source["header"] = .object(header)
    if let changed = fields.changed { source["changed"] = .array(changed.map { .string($0) }) }
    if !fields.diffs.isEmpty { source["diffs"] = .object(fields.diffs) }
    payload["source"] = .object(source)
    return payload.bytes
  }
}
