import Events

// Parts of several records' payloads.

// A reason: presence u8 (0: none follows) · code · class · side u8 (0 none, 1 Salesforce, 2 NetSuite) · record's type and
// id · field · type and id of the record it needs · sentence · count u32 of quoted texts · those. A text is its length u32
// and UTF-8; an absent one is a presence byte of 0.
enum ReasonCoding {
  /// Told apart from "cannot be decoded", which is nil itself.
  struct Decoded { let value: Reason? }

  static func encode(_ reason: Reason?, into bytes: inout [UInt8]) {
    guard let reason else { return bytes.append(0) }
    bytes.append(1)
    bytes.putText(reason.code)
    bytes.putText(reason.kind.rawValue)
    bytes.append(reason.side == nil ? 0 : reason.side == .salesforce ? 1 : 2)
    encode(reason.record?.type, into: &bytes)
    encode(reason.record?.id, into: &bytes)
    encode(reason.field, into: &bytes)
    encode(reason.needs?.type, into: &bytes)
    encode(reason.needs?.id, into: &bytes)
    bytes.putText(reason.sentence)
    bytes.put(UInt32(reason.quoted.count))
    for text in reason.quoted { bytes.putText(text) }
  }

  /// Where it is not wanted it is checked all the same, and none is given.
  static func decode(_ reader: inout PayloadReader, isWanted: Bool = true) -> Decoded? {
    guard let presence = reader.number(UInt8.self) else { return nil }
    if presence == 0 { return Decoded(value: nil) }
    if !isWanted { return skip(&reader) ? Decoded(value: nil) : nil }
    guard let code = reader.text(), let kind = reader.text(), let side = reader.number(UInt8.self),
      let type = optional(&reader), let id = optional(&reader), let field = optional(&reader),
      let needsType = optional(&reader), let needsID = optional(&reader), let sentence = reader.text(),
      let count = reader.number(UInt32.self)
    else { return nil }
    var quoted: [String] = []
    for _ in 0..<count {
      guard let text = reader.text() else { return nil }
      quoted.append(text)
    }
    func record(_ type: Text, _ id: Text) -> RecordID? {
      guard let type = type.value, let id = id.value else { return nil }
      return RecordID(type: type, id: id)
    }
    return Decoded(
      value: Reason(
        code, Reason.Class(rawValue: kind) ?? .none, sentence, quoted: quoted,
        side: side == 1 ? .salesforce : side == 2 ? .netsuite : nil, record: record(type, id), field: field.value,
        needs: record(needsType, needsID)))
  }

  private static func skip(_ reader: inout PayloadReader) -> Bool {
    guard reader.skipText(), reader.skipText(), reader.number(UInt8.self) != nil else { return false }
    for _ in 0..<5 {
      guard let presence = reader.number(UInt8.self), presence == 0 || reader.skipText() else { return false }
    }
    guard reader.skipText(), let count = reader.number(UInt32.self) else { return false }
    for _ in 0..<count where !reader.skipText() { return false }
    return true
  }

  private struct Text { let value: String? }

  private static func encode(_ text: String?, into bytes: inout [UInt8]) {
    guard let text else { return bytes.append(0) }
    bytes.append(1)
    bytes.putText(text)
  }

  private static func optional(_ reader: inout PayloadReader) -> Text? {
    guard let presence = reader.number(UInt8.self) else { return nil }
    if presence == 0 { return Text(value: nil) }
    return reader.text().map { Text(value: $0) }
  }
}

// A part of the work: kind u8 (1 lane, 2 flow, 3 destination) · a lane; the flow's name; or system u8 · account. A lane:
// system u8 · account · key. Texts as above.
enum PartCoding {
  static func encode(_ part: WorkPart, into bytes: inout [UInt8]) {
    switch part {
    case .lane(let lane):
      bytes.append(1)
      encode(lane, into: &bytes)
    case .flow(let name):
      bytes.append(2)
      bytes.putText(name)
    case .destination(let system):
      bytes.append(3)
      encode(system, into: &bytes)
    }
  }

  static func encode(_ lane: Lane, into bytes: inout [UInt8]) {
    encode(lane.system, into: &bytes)
    bytes.putText(lane.key)
  }

  private static func encode(_ system: System, into bytes: inout [UInt8]) {
    bytes.append(EventCoding.code(system.kind))
    bytes.putText(system.account)
  }

  static func decode(_ reader: inout PayloadReader) -> WorkPart? {
    switch reader.number(UInt8.self) {
    case 1: lane(&reader).map { .lane($0) }
    case 2: reader.text().map { .flow($0) }
    case 3: system(&reader).map { .destination($0) }
    default: nil
    }
  }

  static func lane(_ reader: inout PayloadReader) -> Lane? {
    guard let system = system(&reader), let key = reader.text() else { return nil }
    return Lane(system: system, key: key)
  }

  private static func system(_ reader: inout PayloadReader) -> System? {
    guard let kind = reader.number(UInt8.self).flatMap(EventCoding.systemKind), let account = reader.text() else {
      return nil
    }
    return System(kind, account)
  }
}
