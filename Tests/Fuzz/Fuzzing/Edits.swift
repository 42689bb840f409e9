/// Reads choices from the octets that libFuzzer made up; zeros where they are used up.
public struct Choices {
  private let bytes: UnsafeRawBufferPointer
  private var index = 0

  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  public var isEmpty: Bool { index >= bytes.count }

  public mutating func byte() -> UInt8 {
    guard index < bytes.count else { return 0 }
    defer { index += 1 }
    return bytes[index]
  }

  /// Up to `limit` octets, as many as the next one says.
  public mutating func some(_ limit: Int) -> [UInt8] {
    let count = min(Int(byte()) % (limit + 1), bytes.count - index)
    guard count > 0 else { return [] }
    defer { index += count }
    return Array(bytes[index..<(index + count)])
  }

  public mutating func rest() -> [UInt8] {
    guard index < bytes.count else { return [] }
    defer { index = bytes.count }
    return Array(bytes[index...])
  }

  /// One small change to a text: an octet replaced, flipped, removed, doubled or put in, an end cut off or put on.
  public mutating func edit(_ text: inout [UInt8]) {
    let kind = byte()
    let place = text.isEmpty ? 0 : Int(byte()) % text.count
    switch kind & 7 {
    case 0 where !text.isEmpty: text[place] = byte()
    case 1 where !text.isEmpty: text[place] ^= 1 << (kind >> 5)
    case 2 where !text.isEmpty: text.remove(at: place)
    case 3 where !text.isEmpty: text.insert(text[place], at: place)
    case 4: text.insert(byte(), at: place)
    case 5: text.removeSubrange(place...)
    case 6: text += some(32)
    default: text = some(64)
    }
  }
}
