/// Why a text is not XML, or not XML that we take. Never quotes the text.
public struct XMLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Of the offending byte, from 0.
  public let offset: Int
  /// From 1.
  public let line: Int
  /// In characters, from 1.
  public let column: Int
  public let message: String

  init(_ message: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    let position = TextPosition(of: offset, in: bytes)
    self.offset = offset
    line = position.line
    column = position.column
    self.message = message
  }

  public var description: String { "line \(line), column \(column): \(message)" }
}

public struct XMLLimits: Sendable, Hashable {
  /// How deep elements may nest.
  public var depth: Int
  /// Attributes of one element, namespace declarations included.
  public var attributes: Int
  /// Bytes of one name, its prefix included.
  public var nameLength: Int
  /// Namespace declarations in scope at one place. Every name is looked up among them.
  public var declarations: Int
  /// Different namespaces in one document, beside those of the vocabulary. Every declaration is looked up among them.
  public var namespaces: Int

  public init(
    depth: Int = 32, attributes: Int = 32, nameLength: Int = 256, declarations: Int = 32, namespaces: Int = 16
  ) {
    self.depth = depth
    self.attributes = attributes
    self.nameLength = nameLength
    self.declarations = declarations
    self.namespaces = namespaces
  }

  public static let `default` = XMLLimits()
}

/// The namespaces a reader's user knows, so that it can compare numbers instead of texts.
public struct XMLVocabulary: Sendable {
  let namespaces: [[UInt8]]

  /// The position of a URI in this list is its number.
  public init(_ namespaces: [String]) {
    self.namespaces = namespaces.map { Array($0.utf8) }
  }
}
