/// A piece of a configuration file with its place. Scalars are text as it stands in the file; the place where one is read
/// gives it its type (`NO` is Norway, `1.10` is 1.10).
public struct ConfigNode: Sendable, Hashable {
  public struct Place: Sendable, Hashable {
    public var file: String
    /// From 1.
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int = 1) {
      self.file = file
      self.line = line
      self.column = column
    }
  }

  public struct Pair: Sendable, Hashable {
    public var key: String
    public var keyPlace: Place
    public var value: ConfigNode

    public init(key: String, keyPlace: Place, value: ConfigNode) {
      self.key = key
      self.keyPlace = keyPlace
      self.value = value
    }
  }

  public indirect enum Content: Sendable, Hashable {
    case text(String)
    case list([ConfigNode])
    /// In the order of the file; keys are unique.
    case map([Pair])
  }

  public var place: Place
  public var content: Content

  public init(_ content: Content, at place: Place) {
    self.content = content
    self.place = place
  }

  public var line: Int { place.line }
  public var file: String { place.file }

  /// The value under a key; nil where this is no map or has no such key.
  public subscript(_ key: String) -> ConfigNode? { pairs.first { $0.key == key }?.value }

  /// Empty where this is no map.
  public var pairs: [Pair] {
    if case .map(let pairs) = content { pairs } else { [] }
  }

  /// The scalar's text, nil where this is none.
  public var scalar: String? {
    if case .text(let text) = content { text } else { nil }
  }

  /// This with `over` laid on top: maps are merged key by key, anything else is replaced.
  public func overlaid(with over: ConfigNode) -> ConfigNode {
    guard case .map(var merged) = content, case .map(let others) = over.content else { return over }
    for other in others {
      if let index = merged.firstIndex(where: { $0.key == other.key }) {
        merged[index].value = merged[index].value.overlaid(with: other.value)
      } else {
        merged.append(other)
      }
    }
    return ConfigNode(.map(merged), at: place)
  }
}
