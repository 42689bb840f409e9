import Events
import Expressions

/// Who decides a field's value.
public enum Owner: String, Sendable, CaseIterable {
  case salesforce, netsuite
  /// Ours: a constant.
  case causeway
  /// Nobody writes it; it is there to match by.
  case none

  public var side: Side? { Side(rawValue: rawValue) }
}

/// What happens where a reference's partner is not there.
public enum Missing: String, Sendable, CaseIterable {
  /// Its own entity makes it first.
  case bring
  case hold
  case blank
}

/// One row of `fields:`.
public struct FieldRule: Sendable {
  public let name: String
  public let place: ConfigNode.Place
  public internal(set) var salesforce: FieldPath?
  public internal(set) var netsuite: FieldPath?
  public internal(set) var owner: Owner
  /// Where it is written; nil: nowhere.
  public internal(set) var target: Side?
  /// Computed, instead of read from the owner's field.
  public internal(set) var value: Expression?
  /// `to-netsuite`, `to-salesforce`: turns `value` for the side it is written to.
  public internal(set) var turn: Expression?
  /// The entity whose record it refers to.
  public internal(set) var refers: String?
  public internal(set) var missing: Missing = .hold
  /// Written with the record's creation only.
  public internal(set) var isOnCreate = false
  /// A blank at the owner clears nothing.
  public internal(set) var keepsOnBlank = false
  /// Of money: gives the currency that says how many digits count.
  public internal(set) var currency: Expression?
  public internal(set) var table: String?

  public func path(_ side: Side) -> FieldPath? { side == .salesforce ? salesforce : netsuite }

  /// The side that the value comes from; nil for constants.
  var source: Side? { owner.side }
}

/// Where a field is: `Name`, `shippingAddress.addr1`, `addressBook[defaultBilling].zip`.
public enum FieldPath: Sendable, Hashable, CustomStringConvertible {
  /// A body field, or one of a subrecord.
  case field(String)
  /// A field of the element of a list that carries a flag.
  case pick(list: String, flag: String, field: String)

  public var description: String {
    switch self {
    case .field(let name): name
    case .pick(let list, let flag, let field): "\(list)[\(flag)].\(field)"
    }
  }

  /// Reads the notation; nil where the text has none of the three forms.
  public init?(_ text: String) {
    guard let open = text.firstIndex(of: "[") else {
      guard Self.isPath(text[...]) else { return nil }
      self = .field(text)
      return
    }
    guard let close = text.firstIndex(of: "]"), open < close else { return nil }
    let list = text[..<open]
    let flag = text[text.index(after: open)..<close]
    let rest = text[text.index(after: close)...]
    guard rest.first == ".", Self.isPath(list), Self.isPath(flag), Self.isPath(rest.dropFirst()) else { return nil }
    self = .pick(list: String(list), flag: String(flag), field: String(rest.dropFirst()))
  }

  private static func isPath(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLetterOrDigit($0) }
    }
  }
}

func isLetterOrDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39: true
  default: false
  }
}
