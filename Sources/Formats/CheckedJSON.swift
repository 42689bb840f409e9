/// A strict JSON text that was read from one end to the other. Values are made of it where somebody asks for them: whoever
/// wants one member of a body pays for that one.
public struct CheckedJSON: Sendable {
  private let bytes: [UInt8]

  /// Reads one strict JSON text (RFC 8259): UTF-8 without a byte order mark, no two equal keys in an object, no lone
  /// surrogates, nothing after the value.
  ///
  /// Keys are compared as people read them: two spellings of one character are one key, so that no later reader can
  /// disagree about which member counts.
  public init(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var checker = JSONChecker(buffer, limits)
      do throws(JSONRefusal) {
        try checker.document()
      } catch {
        let position = TextPosition(of: checker.index, in: buffer)
        throw JSONError(
          offset: checker.index, line: position.line, column: position.column, message: error.message)
      }
    }
    self.bytes = bytes
  }

  /// All of it.
  public var value: JSON {
    bytes.withUnsafeBufferPointer { buffer in
      var builder = JSONBuilder(buffer)
      return builder.value()
    }
  }

  /// The value at the end of a path of members' names; nil where there is none.
  public func value(at path: [String]) -> JSON? {
    bytes.withUnsafeBufferPointer { buffer in
      var builder = JSONBuilder(buffer)
      for name in path where !builder.find(name) { return nil }
      return builder.value()
    }
  }
}

extension JSON {
  /// Reads one strict JSON text; see `CheckedJSON`.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSON {
    try CheckedJSON(bytes, limits: limits).value
  }

  public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}
