import Events
import Formats

/// What is to be written to one side, while it is decided.
struct SideDraft {
  let side: Side
  /// Nil: the record is yet to be made.
  let current: Record?
  var fields: [String: FieldValue] = [:]
  var wanted: [AgreedKey: FieldValue] = [:]
  var picks: [PickDraft] = []
  var lists: [ListWrite] = []

  init(_ side: Side, current: Record?) {
    self.side = side
    self.current = current
  }

  var isEmpty: Bool { fields.isEmpty && lists.isEmpty }
}

/// One element that a path picks by its flag: the billing address.
struct PickDraft {
  let list: String
  let flag: String
  /// Nil: there is none yet.
  let element: ListElement?
  /// All that was decided of it, changed or not.
  var wanted: [String: FieldValue] = [:]
  var changed: [String: FieldValue] = [:]
}

extension SideDraft {
  /// The picked element as it is now; an element without a key of its own is as good as none.
  func picked(_ list: String, _ flag: String) -> ListElement? {
    current?.lists[list]?.first { $0.fields[flag] == .bool(true) }
  }

  mutating func note(_ list: String, _ flag: String, _ field: String, _ value: FieldValue, isChanged: Bool) {
    let index =
      picks.firstIndex { $0.list == list && $0.flag == flag }
      ?? {
        picks.append(PickDraft(list: list, flag: flag, element: picked(list, flag)))
        return picks.count - 1
      }()
    picks[index].wanted[field] = value
    if isChanged { picks[index].changed[field] = value }
  }

  /// Turns picks into writes of their lists. An element that two picks share is split before one of them is changed
  /// alone: the later pick gets an element of its own.
  mutating func resolvePicks() {
    var written: [String: [ListElement]] = [:]
    var settled: [(list: String, key: String, fields: [String: FieldValue])] = []
    for pick in picks {
      guard let element = pick.element, let key = element.key else {
        if let made = Self.made(pick) { written[pick.list, default: []].append(made) }
        continue
      }
      if let shared = settled.first(where: { $0.list == pick.list && $0.key == key }) {
        let isSame = pick.wanted.allSatisfy { (shared.fields[$0.key] ?? .null).agrees(with: $0.value) }
        if isSame { continue }
        guard let made = Self.made(pick) else { continue }
        Self.merge([pick.flag: .bool(false)], into: &written[pick.list, default: []], key: key)
        written[pick.list, default: []].append(made)
        continue
      }
      settled.append((pick.list, key, element.fields.merging(pick.changed) { $1 }))
      if !pick.changed.isEmpty { Self.merge(pick.changed, into: &written[pick.list, default: []], key: key) }
    }
    for (list, elements) in written.sorted(by: { $0.key < $1.key }) {
      lists.append(ListWrite(name: list, elements: elements))
    }
  }

  /// A new element with all that has a value; nil where nothing has.
  private static func made(_ pick: PickDraft) -> ListElement? {
    var fields = pick.wanted.filter { !$0.value.isBlank }
    guard !fields.isEmpty else { return nil }
    fields[pick.flag] = .bool(true)
    return ListElement(key: nil, fields: fields)
  }

  private static func merge(_ fields: [String: FieldValue], into elements: inout [ListElement], key: String) {
    if let index = elements.firstIndex(where: { $0.key == key }) {
      elements[index].fields.merge(fields) { $1 }
    } else {
      elements.append(ListElement(key: key, fields: fields))
    }
  }
}
