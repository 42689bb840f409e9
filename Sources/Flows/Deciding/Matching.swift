import Events
import Formats

/// A first meeting: who might be the partner of a record that has none.
extension Decider {
  /// Each alternative in turn: none matches, the next; one is linked or shown to a person; several are held.
  func match(_ record: Record, _ side: Side, _ inquiry: Inquiry) -> LinkState? {
    for alternative in entity.link.match {
      guard let wanted = matchValues(alternative, record, side) else { continue }
      guard let found = inquiry.records(find(side.other, wanted)) else { return nil }
      let free = found.filter { isFree($0, side.other) }
      if found.isEmpty { continue }
      if let one = free.first, free.count == 1, entity.link.confirmsSingle {
        return side == .salesforce ? completed(record, one) : completed(one, record)
      }
      return .finished(held([ambiguous(found, free: free.count, record, side, alternative)], record, side))
    }
    return .alone(record, side)
  }

  /// Nobody's partner yet.
  private func isFree(_ record: Record, _ side: Side) -> Bool {
    guard let key = entity.link.keys[side] else { return true }
    return record[key].isBlank
  }

  /// Nil where one of the fields is blank: a blank matches nothing.
  private func matchValues(_ fields: [String], _ record: Record, _ side: Side) -> [String: FieldValue]? {
    var values: [String: FieldValue] = [:]
    for name in fields {
      guard let rule = entity.field(name), case .field(let from) = rule.path(side),
        case .field(let to) = rule.path(side.other), let text = record[from].plain
      else { return nil }
      guard let table = rule.table else {
        values[to] = record[from] == .text(text) ? record[from] : .text(text)
        continue
      }
      guard case .value(let translated)? = blueprint.tables[table]?.answer(for: text, to: side.other) else {
        return nil
      }
      values[to] = .text(translated)
    }
    return values
  }

  private func ambiguous(_ found: [Record], free: Int, _ record: Record, _ side: Side, _ by: [String]) -> Reason {
    let called = called(record, side)
    let fields = by.joined(separator: " and ")
    let ids = found.map(\.id.description).joined(separator: ", ")
    let text: String
    switch (free, found.count) {
    case (1, 1): text = "\(called.text) and {1} have the same \(fields): confirm that they are one, by setting the key"
    case (0, 1): text = "\(called.text) has the same \(fields) as {1}, which is linked to another record already"
    default: text = "\(called.text) has the same \(fields) as several: {1}; set the key of the right one"
    }
    return Reason(
      "ambiguous-match", .conflict, text, quoted: [called.quoted, ids], side: side, record: record.id)
  }
}
