import Crypto
import Formats
import Web

/// What a signature is over: the body, the time stamp, and what stands between them.
struct SignedContent: Sendable {
  enum Piece: Hashable, Sendable { case text([UInt8]), timestamp, body }

  private let settings: SignedSettings
  private let pieces: [Piece]

  init(_ settings: SignedSettings) {
    self.settings = settings
    pieces = Self.pieces(Self.template(settings))
  }

  /// The signature, decoded, and what it has to be over.
  func read(_ request: Request, at now: Instant) throws(Rejection) -> (signature: [UInt8], content: [[UInt8]]) {
    guard let header = request.only(settings.header) else {
      throw .unproven("signature-missing", "There has to be one signature header.")
    }
    let timestamp = try timestamp(request, at: now)
    guard header.hasPrefix(settings.prefix), let signature = decode(header.dropFirst(settings.prefix.count)) else {
      throw .unproven("signature-wrong", "The signature is not written as it should be.")
    }
    let content = pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .timestamp: timestamp
      case .body: request.body
      }
    }
    return (signature, content)
  }

  private func timestamp(_ request: Request, at now: Instant) throws(Rejection) -> [UInt8] {
    guard let name = settings.timestamp else { return [] }
    guard let text = request.only(name) else {
      throw .unproven("timestamp-missing", "There has to be one time stamp header.")
    }
    guard let instant = Self.instant(text, settings.unit) else {
      throw .unproven("timestamp-malformed", "The time stamp is not written as it should be.")
    }
    if instant.adding(seconds: settings.maxAge) < now { throw .unproven("too-old", "The time stamp is too old.") }
    if now.adding(seconds: settings.maxAge) < instant {
      throw .unproven("too-new", "The time stamp is too far in the future.")
    }
    return Array(text.utf8)
  }

  private static func instant(_ text: String, _ unit: SignedSettings.TimeUnit) -> Instant? {
    switch unit {
    case .seconds: Digits.int(text, max: 253_402_300_799).map { Instant(secondsSince1970: $0) }
    case .milliseconds: Digits.int(text, max: 253_402_300_799_999).map { Instant(millisecondsSince1970: $0) }
    case .iso: Instant(text)
    }
  }

  private func decode(_ text: Substring) -> [UInt8]? {
    switch settings.encoding {
    case .hex: Hex.decode(text)
    case .base64: Base64.decode(text)
    case .base64url: Base64URL.decode(text)
    }
  }

  private static func template(_ settings: SignedSettings) -> String {
    settings.signed ?? (settings.timestamp == nil ? "{body}" : "{timestamp}.{body}")
  }

  private static func pieces(_ template: String) -> [Piece] {
    var pieces: [Piece] = []
    var text: [UInt8] = []
    var rest = template[...]
    while let first = rest.first {
      let place: (Piece, String)? =
        rest.hasPrefix("{body}") ? (.body, "{body}") : rest.hasPrefix("{timestamp}") ? (.timestamp, "{timestamp}") : nil
      if let place {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = []
        pieces.append(place.0)
        rest = rest.dropFirst(place.1.count)
      } else {
        text.append(contentsOf: String(first).utf8)
        rest = rest.dropFirst()
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return pieces
  }

  static func problems(_ settings: SignedSettings) -> [SettingsProblem] {
    let pieces = pieces(template(settings))
    var problems: [SettingsProblem] = []
    if settings.header.isEmpty { problems.append(SettingsProblem("header", "header has to name a header")) }
    if pieces.count(where: { $0 == .body }) != 1 {
      problems.append(SettingsProblem("signed", "signed has to hold {body} once"))
    }
    if settings.maxAge <= 0 { problems.append(SettingsProblem("max-age", "max-age has to be above zero")) }
    let count = pieces.count { $0 == .timestamp }
    if settings.timestamp == nil, count > 0 {
      problems.append(SettingsProblem("signed", "signed holds {timestamp}: timestamp has to name its header"))
    }
    if settings.timestamp != nil, count != 1 {
      problems.append(
        SettingsProblem("signed", "signed has to hold {timestamp} once: a time stamp that is not signed proves nothing")
      )
    }
    return problems
  }
}
