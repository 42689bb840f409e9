import Events
import Formats

/// How many digits after the point count in a currency (ISO 4217, table A.1); two for all that are not named here.
enum CurrencyDigits {
  private static let none: Set<String> = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
  ]
  private static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

  static func of(_ currency: String) -> Int {
    if none.contains(currency) { return 0 }
    return three.contains(currency) ? 3 : 2
  }
}

extension FieldValue {
  /// Whether a side that has `self` has what is wanted. A blank equals only a blank; outer blanks and the kind of line
  /// ends do not count; references are equal by id or by name.
  ///
  /// - Parameter digits: of money, the currency's.
  func agrees(with wanted: FieldValue, digits: Int? = nil) -> Bool {
    if isBlankText || wanted.isBlankText { return isBlankText && wanted.isBlankText }
    switch (self, wanted) {
    case (.number(let a), .number(let b)):
      guard let digits else { return a == b }
      return a.rounded(scale: digits, .halfUp) == b.rounded(scale: digits, .halfUp)
    case (.text(let a), .text(let b)): return a.comparable == b.comparable
    case (.reference(let id, let name), .reference(let wantedID, let wantedName)):
      if let wantedID, let id { return id == wantedID }
      guard let wantedName else { return false }
      return name == wantedName || id == wantedName
    case (.reference(let id, let name), .text(let text)), (.text(let text), .reference(let id, let name)):
      return text == id || text == name
    default: return self == wanted
    }
  }

  private var isBlankText: Bool {
    if case .text(let text) = self { return text.trimmed.isEmpty }
    return isBlank
  }

  /// One text for one value, whatever its digits are written like: to be kept and compared as it is.
  public var canonical: String {
    switch self {
    case .null: ""
    case .bool(let value): value ? "b:true" : "b:false"
    case .number(let number): "n:\(number.normalized)"
    case .text(let text): text.isEmpty ? "" : "t:\(text)"
    case .date(let date): "d:\(date)"
    case .instant(let instant): "i:\(instant)"
    case .reference(let id, let name): isBlank ? "" : "r:\(id ?? "")|\(name ?? "")"
    }
  }
}

extension String {
  /// Without outer blanks, and with plain line feeds.
  fileprivate var comparable: String {
    guard contains(where: { $0 == "\r\n" || $0 == "\r" }) else { return trimmed }
    return String(trimmed.map { $0 == "\r\n" || $0 == "\r" ? "\n" : $0 })
  }
}
