/// `/hooks/:endpoint/:token`: literal segments, named ones that take any non-empty segment, and `*rest` at the end, which
/// takes what remains, slashes included.
struct RoutePattern: Sendable, Hashable {
  enum Piece: Sendable, Hashable {
    case literal(String)
    case named(String)
    case rest(String)

    /// A literal is tried before a name, a name before the rest.
    var rank: Int {
      switch self {
      case .literal: 0
      case .named: 1
      case .rest: 2
      }
    }
  }

  let pieces: [Piece]

  init(_ text: String) {
    pieces = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { piece in
      if piece.hasPrefix(":") { return .named(String(piece.dropFirst())) }
      if piece.hasPrefix("*") { return .rest(String(piece.dropFirst())) }
      return .literal(String(piece))
    }
  }

  /// The same paths, whatever the names are.
  func takesTheSame(as other: RoutePattern) -> Bool {
    pieces.count == other.pieces.count
      && zip(pieces, other.pieces).allSatisfy { mine, theirs in
        mine.rank == theirs.rank && (mine.rank != 0 || mine == theirs)
      }
  }

  /// Goes before `other` where both match.
  func precedes(_ other: RoutePattern) -> Bool {
    for (mine, theirs) in zip(pieces, other.pieces) where mine.rank != theirs.rank { return mine.rank < theirs.rank }
    return false
  }

  func matches(_ segments: [Substring]) -> Bool {
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .rest: return index < segments.count
      case .named: if index >= segments.count || segments[index].isEmpty { return false }
      case .literal(let literal): if index >= segments.count || segments[index] != literal { return false }
      }
    }
    return segments.count == pieces.count
  }

  /// What the names took, for segments that match.
  func parameters(_ segments: [Substring]) -> [String: String] {
    var parameters: [String: String] = [:]
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .literal: continue
      case .named(let name): parameters[name] = String(segments[index])
      case .rest(let name): parameters[name] = segments[index...].joined(separator: "/")
      }
    }
    return parameters
  }
}
