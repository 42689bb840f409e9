import Formats
import HTTP
import Web

/// Reads from a request what a signature is, and what it is over.
struct SignedContent: Sendable {
  /// Signatures, decoded, of which one has to hold, and what it has to be over.
  struct Claim {
    let signatures: [[UInt8]]
    let content: [[UInt8]]
  }

  private let settings: SignedSettings
  private let template: SignedTemplate
  private let separator: UInt8?

  init(_ settings: SignedSettings) {
    self.settings = settings
    template = SignedTemplate(settings)
    separator = settings.separator?.utf8.first
  }

  func read(_ request: Request, at now: Instant) throws(Rejection) -> Claim {
    guard let header = request.only(settings.header) else { throw .unproven("signature-missing") }
    var elements = try elements(header)
    let timestamp = try timestamp(request, &elements, at: now)
    let id = try id(request)
    var signatures: [[UInt8]] = []
    for element in elements where element.hasPrefix(settings.prefix) {
      // One that cannot be read may be of a scheme that the sender is moving to.
      if let signature = settings.encoding.decode(element.dropFirst(settings.prefix.count)) {
        signatures.append(signature)
      }
    }
    guard !signatures.isEmpty else { throw .unproven("signature-wrong") }
    let content = template.pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .timestamp: timestamp
      case .id: id
      case .body: request.body
      }
    }
    return Claim(signatures: signatures, content: content)
  }

  private func elements(_ header: String) throws(Rejection) -> [Substring] {
    guard let separator else { return [header[...]] }
    let elements = header.utf8.split(separator: separator, omittingEmptySubsequences: false)
    guard elements.count <= Limits.signatureElements else { throw .unproven("signature-wrong") }
    return elements.map { Substring($0).trimmingBlanks() }
  }

  // MARK: The time stamp

  private func timestamp(
    _ request: Request, _ elements: inout [Substring], at now: Instant
  ) throws(Rejection) -> [UInt8] {
    let text: String
    if let name = settings.timestamp {
      guard let value = request.only(name) else { throw .unproven("timestamp-missing") }
      text = value
    } else if let start = settings.timestampElement {
      let stamps = elements.filter { $0.hasPrefix(start) }
      guard stamps.count == 1 else { throw .unproven("timestamp-missing") }
      text = String(stamps[0].dropFirst(start.count))
      elements.removeAll { $0.hasPrefix(start) }
    } else {
      return []
    }
    guard let instant = Self.instant(text, settings.unit) else { throw .unproven("timestamp-malformed") }
    if instant.adding(seconds: settings.maxAge) < now { throw .unproven("too-old") }
    if now.adding(seconds: settings.maxAge) < instant { throw .unproven("too-new") }
    return Array(text.utf8)
  }

  private static func instant(_ text: String, _ unit: SignedSettings.TimeUnit) -> Instant? {
    switch unit {
    case .seconds: Digits.int(text, max: 253_402_300_799).map { Instant(secondsSince1970: $0) }
    case .milliseconds: Digits.int(text, max: 253_402_300_799_999).map { Instant(millisecondsSince1970: $0) }
    case .iso: Instant(text)
    }
  }

  // MARK: The id

  private func id(_ request: Request) throws(Rejection) -> [UInt8] {
    guard let name = settings.id else { return [] }
    guard let text = request.only(name) else { throw .unproven("id-missing") }
    let id = Array(text.utf8)
    guard !id.isEmpty, id.count <= Limits.identity,
      id.allSatisfy({ (0x21...0x7E).contains($0) && !template.idBounds.contains($0) })
    else { throw .unproven("id-malformed") }
    return id
  }

  // MARK: What is wrong

  static func problems(_ settings: SignedSettings) -> [SettingsProblem] {
    var problems: [SettingsProblem] = []
    func refuse(_ key: String, _ message: String) { problems.append(SettingsProblem(key, "\(key) \(message)")) }

    for (key, header) in [("header", settings.header), ("timestamp", settings.timestamp), ("id", settings.id)] {
      if let header, !HeaderName.isValid(header) { refuse(key, "has to name a header") }
    }
    if !(1...Limits.maxAge).contains(settings.maxAge) {
      refuse("max-age", "has to be from 1s to 7d: identities are remembered for 7 days")
    }
    if let separator = settings.separator {
      let isMark = separator.utf8.count == 1 && !separator.utf8.contains(where: Self.isDigit)
      if !isMark { refuse("separator", "has to be one character that no signature holds, such as a comma") }
    }
    if let element = settings.timestampElement {
      if settings.separator == nil { refuse("timestamp-element", "needs a separator between the elements") }
      if settings.timestamp != nil { refuse("timestamp-element", "and timestamp are two places for one time stamp") }
      if element == settings.prefix { refuse("timestamp-element", "has to begin otherwise than the prefix") }
    }
    return problems + Self.problems(SignedTemplate(settings), settings)
  }

  private static func problems(_ template: SignedTemplate, _ settings: SignedSettings) -> [SettingsProblem] {
    var messages: [String] = template.unknown.map { "holds \($0); there are {timestamp}, {id} and {body}" }
    if template.count(.body) != 1 { messages.append("has to hold {body} once") }
    for (piece, key, isNamed) in [
      (SignedTemplate.Piece.timestamp, "timestamp", settings.hasTimestamp), (.id, "id", settings.id != nil),
    ] {
      let name = piece.name ?? ""
      if isNamed, template.count(piece) != 1 {
        messages.append("has to hold \(name) once: what is not signed proves nothing")
      }
      if !isNamed, template.count(piece) > 0 { messages.append("holds \(name): \(key) has to name its header") }
    }
    if !template.isIDBounded {
      messages.append("has to hold a text between {id} and what is next to it, towards the body")
    }
    return messages.map { SettingsProblem("signed", "signed \($0)") }
  }

  /// Octets of the three encodings.
  private static func isDigit(_ octet: UInt8) -> Bool {
    (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet & 0xDF) || "+/=-_".utf8.contains(octet)
      || !(0x20...0x7E).contains(octet)
  }
}

enum HeaderName {
  static func isValid(_ name: String) -> Bool { Fields.isValid(name: name, value: "") }
}

extension Substring {
  /// Without the blanks and tabs at both ends (RFC 9110 5.6.3).
  func trimmingBlanks() -> Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
