import Events
import Formats

enum StampState {
  case synced
  case held(Reason)
}

/// What the Salesforce record shows of its own state, written only where it differs.
extension Decider {
  /// Characters that a message takes: the length of a Salesforce text field.
  static let messageLength = 255

  func stamps(on record: Record, partner: String?, state: StampState) -> [String: FieldValue] {
    var fields: [String: FieldValue] = [:]
    for stamp in entity.stamps where stamp.side == .salesforce {
      let wanted: FieldValue
      switch (stamp.kind, state) {
      case (.id, _):
        guard let partner else { continue }
        wanted = .text(partner)
      case (.state, .synced): wanted = .text("synced")
      case (.state, .held): wanted = .text("held")
      case (.message, .synced): wanted = .null
      case (.message, .held(let reason)): wanted = .text(Self.shortened(reason.description))
      }
      if !record[stamp.field].agrees(with: wanted) { fields[stamp.field] = wanted }
    }
    return fields
  }

  func stampWrite(of record: Record, state: StampState) -> PlannedWrite? {
    let fields = stamps(on: record, partner: nil, state: state)
    guard !fields.isEmpty else { return nil }
    return PlannedWrite(
      side: .salesforce, connection: entity.salesforce.connection,
      write: RecordWrite(type: record.id.type, target: .update(id: record.id.id), fields: fields), wanted: [:])
  }

  private static func shortened(_ text: String) -> String {
    guard text.unicodeScalars.count > messageLength else { return text }
    var kept = ""
    for character in text {
      if kept.unicodeScalars.count + character.unicodeScalars.count >= messageLength { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
