/// Why a text is not JSON, or not JSON that we take. Never quotes the text.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Of the offending byte, from 0.
  public let offset: Int
  /// From 1.
  public let line: Int
  /// In characters, from 1.
  public let column: Int
  public let message: String

  public init(offset: Int, line: Int, column: Int, message: String) {
    self.offset = offset
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "line \(line), column \(column): \(message)" }
}

public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may nest.
  public var depth: Int
  /// Bytes of one number.
  public var numberLength: Int

  public init(depth: Int = 64, numberLength: Int = 1024) {
    self.depth = depth
    self.numberLength = numberLength
  }

  public static let `default` = JSONLimits()
}

/// Where a byte stands in a text, for people: lines end with LF, columns count characters, not bytes.
struct TextPosition {
  let line: Int
  let column: Int

  init(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
  }
}
