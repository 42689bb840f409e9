/// `name=value&…` of a query or of a form body (WHATWG URL 5, application/x-www-form-urlencoded), in order.
public struct Query: Sendable, ExpressibleByDictionaryLiteral {
  public private(set) var items: [(name: String, value: String)]

  /// nil where an escape is incomplete or a name or value is not UTF-8. A name without `=` has an empty value.
  public init?(_ text: some StringProtocol) {
    items = []
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.octets(parts[0], plusIsSpace: true),
        let value = parts.count == 2 ? PercentCoding.octets(parts[1], plusIsSpace: true) : [],
        let nameText = String(validating: name, as: UTF8.self),
        let valueText = String(validating: value, as: UTF8.self)
      else { return nil }
      items.append((nameText, valueText))
    }
  }

  public init(dictionaryLiteral elements: (String, String)...) {
    items = elements.map { (name: $0.0, value: $0.1) }
  }

  /// The first value of that name; names are case-sensitive.
  public subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

  public func values(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  /// Encoded; spaces as `%20`, which queries and forms both read.
  public var text: String {
    items.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
  }
}
