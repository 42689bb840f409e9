/// Typed readers. Each reports what is wrong and answers nil; nothing is guessed.
extension ConfigNode {
  /// A text that is not empty.
  public func text(_ problems: Problems) -> String? {
    guard case .text(let text) = content else {
      problems.report(place, "expected a text, not \(kindName)")
      return nil
    }
    guard !text.isEmpty else {
      problems.report(place, "expected a text, and there is nothing")
      return nil
    }
    return text
  }

  /// `true` or `false`, and nothing else.
  public func bool(_ problems: Problems) -> Bool? {
    switch scalar {
    case "true": return true
    case "false": return false
    default:
      problems.report(place, "expected `true` or `false`")
      return nil
    }
  }

  /// Digits only.
  public func int(in range: ClosedRange<Int> = 0...Int.max, _ problems: Problems) -> Int? {
    guard let text = scalar, let value = Self.digits(text[...]), range.contains(value) else {
      let bounds =
        range.upperBound == .max ? "of \(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
      problems.report(place, "expected a whole number \(bounds)")
      return nil
    }
    return value
  }

  /// `250ms`, `20s`, `15m`, `4h`, `7d`, in milliseconds.
  public func milliseconds(_ problems: Problems) -> Int? {
    let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
    let text = scalar ?? ""
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      guard let count = Self.digits(text.dropLast(suffix.count)) else { continue }
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      if !overflow { return product }
    }
    problems.report(place, "expected a duration such as `250ms`, `20s`, `15m`, `4h` or `7d`")
    return nil
  }

  /// `1048576`, `16 KiB`, `1MiB`, `2 GiB`, in bytes.
  public func bytes(_ problems: Problems) -> Int? {
    let units: [(String, Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)]
    let text = scalar ?? ""
    for (suffix, factor) in units where text.hasSuffix(suffix) {
      var number = text.dropLast(suffix.count)
      while number.last == " " { number.removeLast() }
      guard let count = Self.digits(number) else { continue }
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      if !overflow { return product }
    }
    problems.report(place, "expected a size such as `64 KiB`, `1 MiB` or `2 GiB`")
    return nil
  }

  /// One of these words.
  public func word(of words: [String], _ problems: Problems) -> String? {
    guard let text = text(problems) else { return nil }
    guard words.contains(text) else {
      problems.report(place, "`\(text)` is none of \(listed(words))\(suggestion(for: text, among: words))")
      return nil
    }
    return text
  }

  public func list(_ problems: Problems) -> [ConfigNode]? {
    guard case .list(let items) = content else {
      problems.report(place, "expected a list, not \(kindName)")
      return nil
    }
    return items
  }

  /// A text, or a list of texts.
  public func texts(_ problems: Problems) -> [String]? {
    guard case .list(let items) = content else { return text(problems).map { [$0] } }
    let texts = items.compactMap { $0.text(problems) }
    return texts.count == items.count ? texts : nil
  }

  /// A map with any keys.
  public func map(_ problems: Problems) -> [Pair]? {
    guard case .map(let pairs) = content else {
      problems.report(place, "expected a map, not \(kindName)")
      return nil
    }
    return pairs
  }

  /// A map with only these keys. One of `later` is said to be not supported yet; any other is refused with a suggestion.
  /// Keys that are refused are reported and left out.
  public func map(known: [String], later: [String] = [], _ problems: Problems) -> ConfigMap? {
    guard let pairs = map(problems) else { return nil }
    var kept: [Pair] = []
    for pair in pairs {
      if known.contains(pair.key) {
        kept.append(pair)
      } else if later.contains(pair.key) {
        problems.report(pair.keyPlace, "`\(pair.key)` is not supported yet")
      } else {
        problems.report(pair.keyPlace, "unknown key `\(pair.key)`\(suggestion(for: pair.key, among: known + later))")
      }
    }
    return ConfigMap(place: place, pairs: kept, problems: problems)
  }

  private var kindName: String {
    switch content {
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }

  static func digits(_ text: Substring) -> Int? {
    guard !text.isEmpty else { return nil }
    var value = 0
    for byte in text.utf8 {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (tens, tooBig) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooBigStill) = tens.addingReportingOverflow(Int(byte - 0x30))
      if tooBig || tooBigStill { return nil }
      value = sum
    }
    return value
  }
}

/// A map whose keys were checked; reads values by key.
public struct ConfigMap {
  public let place: ConfigNode.Place
  public let pairs: [ConfigNode.Pair]
  let problems: Problems

  public subscript(_ key: String) -> ConfigNode? { pairs.first { $0.key == key }?.value }

  /// The value, or a problem that it is missing.
  public func required(_ key: String) -> ConfigNode? {
    if let node = self[key] { return node }
    problems.report(place, "`\(key)` is missing")
    return nil
  }

  public func text(_ key: String) -> String? { self[key]?.text(problems) }
  public func requiredText(_ key: String) -> String? { required(key)?.text(problems) }
  public func bool(_ key: String) -> Bool? { self[key]?.bool(problems) }
  public func int(_ key: String, in range: ClosedRange<Int> = 0...Int.max) -> Int? {
    self[key]?.int(in: range, problems)
  }
  public func milliseconds(_ key: String) -> Int? { self[key]?.milliseconds(problems) }
  public func texts(_ key: String) -> [String]? { self[key]?.texts(problems) }
  public func list(_ key: String) -> [ConfigNode]? { self[key]?.list(problems) }
  public func word(_ key: String, of words: [String]) -> String? { self[key]?.word(of: words, problems) }
}
