/// What is signed: a text in which `{timestamp}`, `{id}` and `{body}` stand for themselves.
struct SignedTemplate: Sendable {
  enum Piece: Hashable, Sendable {
    case text([UInt8])
    case timestamp, id, body

    var name: String? {
      switch self {
      case .text: nil
      case .timestamp: "{timestamp}"
      case .id: "{id}"
      case .body: "{body}"
      }
    }
  }

  let pieces: [Piece]
  /// Octets that an id may not have: the first of the text behind it, the last of the text before it. Otherwise what
  /// was signed for one request could be cut up into another.
  let idBounds: Set<UInt8>

  /// Names in braces that are none.
  let unknown: [String]

  init(_ settings: SignedSettings) {
    var usual: [String] = []
    if settings.id != nil { usual.append("{id}") }
    if settings.hasTimestamp { usual.append("{timestamp}") }
    (pieces, unknown) = Self.read(settings.signed ?? (usual + ["{body}"]).joined(separator: "."))
    var bounds: Set<UInt8> = []
    if let place = pieces.firstIndex(of: .id) {
      if place > 0, case .text(let before) = pieces[place - 1], let last = before.last { bounds.insert(last) }
      if place + 1 < pieces.count, case .text(let after) = pieces[place + 1], let first = after.first {
        bounds.insert(first)
      }
    }
    idBounds = bounds
  }

  func count(_ piece: Piece) -> Int { pieces.count { $0 == piece } }

  /// Whether a text stands next to the id, on the side of the body.
  var isIDBounded: Bool {
    guard let id = pieces.firstIndex(of: .id), let body = pieces.firstIndex(of: .body) else { return true }
    let neighbour = id < body ? id + 1 : id - 1
    guard pieces.indices.contains(neighbour), case .text = pieces[neighbour] else { return false }
    return true
  }

  private static func read(_ template: String) -> (pieces: [Piece], unknown: [String]) {
    var pieces: [Piece] = []
    var unknown: [String] = []
    var text: [UInt8] = []
    var rest = Array(template.utf8)[...]
    while let first = rest.first {
      let piece = [Piece.timestamp, .id, .body].first { rest.starts(with: $0.name?.utf8 ?? "".utf8) }
      if let piece, let name = piece.name {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = []
        pieces.append(piece)
        rest = rest.dropFirst(name.utf8.count)
        continue
      }
      if first == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
        rest[rest.startIndex..<end].dropFirst().allSatisfy({ (0x61...0x7A).contains($0 | 0x20) })
      {
        unknown.append(String(decoding: rest[...end], as: UTF8.self))
      }
      text.append(first)
      rest = rest.dropFirst()
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return (pieces, unknown)
  }
}
