import Web

/// What the Content-Type of a request may be. A missing one is taken: the body has to prove itself anyway.
enum MediaType {
  static func isJSON(_ request: Request) -> Bool {
    matches(request) { $0 == "application/json" || ($0.hasPrefix("application/") && $0.hasSuffix("+json")) }
  }

  static func isXML(_ request: Request) -> Bool {
    matches(request) { $0 == "text/xml" || $0 == "application/xml" }
  }

  private static func matches(_ request: Request, _ isExpected: (String) -> Bool) -> Bool {
    guard request.fields.contains("content-type") else { return true }
    guard let value = request.only("content-type") else { return false }
    let parts = value.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
    guard let type = parts.first, isExpected(type.lowercased()) else { return false }
    for parameter in parts.dropFirst() where parameter.lowercased().hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).lowercased()
      guard charset == "utf-8" || charset == "\"utf-8\"" else { return false }
    }
    return true
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
