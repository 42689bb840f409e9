import Events
import Formats

// Payload of an event's record:
//
//   system u8 · kind u8 · change u8 · flags u8 (1 conflicting, 2 perhaps known, 4 bulk) · nanoseconds i32 · seconds i64 ·
//   CRC-32C of the body u32 ·
//   body length u32 · lengths u16 of account, id, key, endpoint, subject · 0 u16 · those five · body
//
// Where the body is packed, length and checksum are still those of what was sent: who an event is can be told without
// unpacking it.

enum EventCoding {
  static let fixedSize = 36
  static let conflicting: UInt8 = 1
  static let doubtful: UInt8 = 2
  static let bulk: UInt8 = 4

  /// Bytes of the record's payload, where its body is not packed.
  static func size(_ event: Event) -> Int {
    fixedSize + event.system.account.utf8.count + event.id.utf8.count + event.key.utf8.count
      + event.endpoint.utf8.count + event.subject.utf8.count + event.payload.count
  }

  /// The longest of the event's names, which each have 16 bits for their length.
  static func longestName(_ event: Event) -> Int {
    max(
      event.system.account.utf8.count, event.id.utf8.count, event.key.utf8.count, event.endpoint.utf8.count,
      event.subject.utf8.count)
  }

  static func encode(_ event: Event, packed: [UInt8]? = nil, into bytes: inout [UInt8]) {
    bytes.put(fixedSize) { part in
      part.set(0, code(event.system.kind))
      part.set(1, code(event.kind))
      part.set(2, code(event.change))
      part.set(3, event.priority == .bulk ? bulk : 0)
      part.set(4, event.receivedAt.nanoseconds)
      part.set(8, event.receivedAt.secondsSince1970)
      part.set(16, event.payload.withUnsafeBytes { crc32c($0) })
      part.set(20, UInt32(event.payload.count))
      part.set(24, UInt16(event.system.account.utf8.count))
      part.set(26, UInt16(event.id.utf8.count))
      part.set(28, UInt16(event.key.utf8.count))
      part.set(30, UInt16(event.endpoint.utf8.count))
      part.set(32, UInt16(event.subject.utf8.count))
      part.set(34, UInt16(0))
    }
    bytes.append(contentsOf: event.system.account.utf8)
    bytes.append(contentsOf: event.id.utf8)
    bytes.append(contentsOf: event.key.utf8)
    bytes.append(contentsOf: event.endpoint.utf8)
    bytes.append(contentsOf: event.subject.utf8)
    bytes.append(contentsOf: packed ?? event.payload)
  }

  static func decode(_ payload: RecordPayload, _ inflater: Inflater) -> Event? {
    let bytes = payload.bytes
    guard let parts = EventParts(payload), let system = systemKind(bytes[0]), let kind = kind(bytes[1]),
      let change = change(bytes[2])
    else { return nil }
    let body: [UInt8]
    if payload.isCompressed {
      guard let unpacked = inflater.unpack(parts.body, count: Int(bytes.get(20, UInt32.self))),
        unpacked.withUnsafeBytes({ crc32c($0) }) == bytes.get(16, UInt32.self)
      else { return nil }
      body = unpacked
    } else {
      body = [UInt8](parts.body)
    }
    func text(_ part: UnsafeRawBufferPointer) -> String { String(decoding: part, as: UTF8.self) }
    return Event(
      system: System(system, text(parts.account)), endpoint: text(parts.endpoint), id: text(parts.id), kind: kind,
      key: text(parts.key), subject: text(parts.subject), change: change,
      receivedAt: Instant(secondsSince1970: bytes.get(8, Int64.self), nanoseconds: bytes.get(4, Int32.self)),
      payload: body, priority: bytes[3] & bulk != 0 ? .bulk : .interactive)
  }

  // Codes are part of the format: never change one, only add.

  static func code(_ kind: System.Kind) -> UInt8 {
    switch kind {
    case .salesforce: 1
    case .netsuite: 2
    case .json: 3
    case .causeway: 4
    }
  }

  static func systemKind(_ code: UInt8) -> System.Kind? { System.Kind.allCases.first { self.code($0) == code } }

  static func code(_ kind: Event.Kind) -> UInt8 {
    switch kind {
    case .outboundMessage: 1
    case .changeEvent: 2
    case .platformEvent: 3
    case .netsuite: 4
    case .json: 5
    case .run: 6
    }
  }

  static func kind(_ code: UInt8) -> Event.Kind? { Event.Kind.allCases.first { self.code($0) == code } }

  static func code(_ change: Event.Change) -> UInt8 {
    switch change {
    case .create: 1
    case .update: 2
    case .delete: 3
    case .undelete: 4
    case .gap: 5
    case .overflow: 6
    case .unknown: 7
    }
  }

  static func change(_ code: UInt8) -> Event.Change? { Event.Change.allCases.first { self.code($0) == code } }
}

/// Where the parts of an encoded event are; nothing is copied.
struct EventParts {
  let account, id, key, endpoint, subject: UnsafeRawBufferPointer
  /// As it stands there: packed or not.
  let body: UnsafeRawBufferPointer

  init?(_ payload: RecordPayload) {
    let bytes = payload.bytes
    guard bytes.count >= EventCoding.fixedSize else { return nil }
    func length(_ index: Int) -> Int { Int(bytes.get(24 + 2 * index, UInt16.self)) }
    let names = length(0) + length(1) + length(2) + length(3) + length(4)
    let bodyLength = bytes.count - EventCoding.fixedSize - names
    guard bodyLength >= 0, payload.isCompressed || bodyLength == Int(bytes.get(20, UInt32.self)) else { return nil }
    var at = EventCoding.fixedSize
    func take(_ count: Int) -> UnsafeRawBufferPointer {
      defer { at += count }
      return bytes.part(at, count)
    }
    account = take(length(0))
    id = take(length(1))
    key = take(length(2))
    endpoint = take(length(3))
    subject = take(length(4))
    body = take(bodyLength)
  }
}
