/// All functions. A new one is a file in `Functions/` and a line here.
public enum Catalogue {
  public static let functions: [String: Function] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// In the order in which documentation shows them.
  public static let all: [Function] =
    [
      .or, .size, .first, .sum, .min, .max,
      .contains, .startsWith, .endsWith, .lower, .upper, .trim, .line, .rest, .split, .join, .url,
      .percent, .round,
      .string, .int, .uint, .double, .decimal, .bool, .bytes, .date, .timestamp, .duration, .type, .dyn,
      .today, .now, .table, .named, .linked, .link,
    ] + Function.timeParts

  /// Names that stand for types: `type(1) == int`.
  static let typeNames: [String: Value] = Dictionary(
    uniqueKeysWithValues: [
      "bool", "int", "uint", "double", "decimal", "string", "bytes", "list", "map", "null_type", "type", "date",
    ].map { ($0, Value.type($0)) })

  /// What to say of a function that is not there.
  static func refusal(of name: String, known: some Sequence<String>) -> String {
    if name == "matches" {
      return "matches() is left out of this language: use contains(), startsWith() or endsWith()"
    }
    if functions[name] != nil { return "\(name)() cannot be used here" }
    return "there is no function '\(name)'\(suggestion(for: name, among: known))"
  }
}
