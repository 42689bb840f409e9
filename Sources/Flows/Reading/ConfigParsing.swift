import Yams

extension ConfigNode {
  /// Reads one YAML document. Duplicate keys, keys that are no text, and a second document are refused. An empty file is
  /// an empty map. Throws `Problem`.
  public static func parse(_ text: String, file: String) throws(Problem) -> ConfigNode {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw problem(error, file: file)
    } catch {
      throw Problem(file: file, line: 0, message: "cannot be read as YAML")
    }
    guard let root else { return ConfigNode(.map([]), at: Place(file: file, line: 1)) }
    return try convert(root, file: file, fallback: Place(file: file, line: 1), depth: 0)
  }

  /// Deeper nesting than any of our files has.
  private static let maximumDepth = 32

  private static func convert(_ node: Node, file: String, fallback: Place, depth: Int) throws(Problem) -> ConfigNode {
    let place = node.mark.map { Place(file: file, line: $0.line, column: $0.column) } ?? fallback
    guard depth < maximumDepth else {
      throw Problem(file: file, line: place.line, message: "is nested more than \(maximumDepth) levels deep")
    }
    switch node {
    case .scalar(let scalar):
      return ConfigNode(.text(scalar.string), at: place)
    case .sequence(let sequence):
      var items: [ConfigNode] = []
      for item in sequence {
        items.append(try convert(item, file: file, fallback: place, depth: depth + 1))
      }
      return ConfigNode(.list(items), at: place)
    case .mapping(let mapping):
      var pairs: [Pair] = []
      for (key, value) in mapping {
        let keyPlace = key.mark.map { Place(file: file, line: $0.line, column: $0.column) } ?? place
        guard case .scalar(let name) = key else {
          throw Problem(file: file, line: keyPlace.line, message: "a key must be a text")
        }
        // Yams compares keys with their guessed types: `1` and "1" differ for it, for us they are one text.
        guard !pairs.contains(where: { $0.key == name.string }) else {
          throw Problem(file: file, line: keyPlace.line, message: twice("`\(name.string)`"))
        }
        let converted = try convert(value, file: file, fallback: keyPlace, depth: depth + 1)
        pairs.append(Pair(key: name.string, keyPlace: keyPlace, value: converted))
      }
      return ConfigNode(.map(pairs), at: place)
    case .alias:
      throw Problem(file: file, line: place.line, message: "an alias to nothing")
    }
  }

  private static func twice(_ names: String) -> String { "\(names) stands twice in one map" }

  private static func problem(_ error: YamlError, file: String) -> Problem {
    switch error {
    case .duplicatedKeysInMapping(let duplicates, let context):
      let names = duplicates.map { "`\($0)`" }.joined(separator: ", ")
      return Problem(file: file, line: context.mark.line, message: twice(names))
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return Problem(file: file, line: mark.line, message: "is not YAML: \(problem)")
    case .reader(let problem, _, _, _):
      return Problem(file: file, line: 0, message: "is not YAML: \(problem)")
    default:
      return Problem(file: file, line: 0, message: "is not YAML")
    }
  }
}
