import CLinux

/// CRC-32C of the bytes, continued from `sum`.
func crc32c(_ bytes: UnsafeRawBufferPointer, from sum: UInt32 = 0) -> UInt32 {
  guard let start = bytes.baseAddress else { return sum }
  return cdisk_crc32c(sum, start, bytes.count)
}

private let zeros = [UInt8](repeating: 0, count: 128)

extension [UInt8] {
  /// Little endian.
  @inline(__always)
  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// So many bytes at once, filled in where they do not stay: an append for each number costs more.
  @inline(__always)
  mutating func put(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { part in
      fill(part)
      append(contentsOf: UnsafeRawBufferPointer(part))
    }
  }

  /// Length u32, then UTF-8.
  mutating func putText(_ text: String) {
    put(UInt32(text.utf8.count))
    append(contentsOf: text.utf8)
  }

  /// At most 128: what a head takes, until it is filled in.
  mutating func putZeros(_ count: Int) { zeros.withUnsafeBytes { append(contentsOf: $0.part(0, count)) } }

  mutating func padToEight() {
    putZeros(-count & 7)
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian number at an offset that the caller knows to be inside.
  @inline(__always)
  func get<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
    Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }

  func part(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[offset..<offset + count])
  }
}

extension UnsafeMutableRawBufferPointer {
  @inline(__always)
  func set<Number: FixedWidthInteger>(_ offset: Int, _ number: Number) {
    storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
  }
}

/// Reads a record's payload from its beginning; nil as soon as it is shorter than it says.
struct PayloadReader {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    guard bytes.count - at >= MemoryLayout<Number>.size else { return nil }
    defer { at += MemoryLayout<Number>.size }
    return bytes.get(at, type)
  }

  mutating func text() -> String? {
    guard let count = number(UInt32.self), bytes.count - at >= Int(count) else { return nil }
    defer { at += Int(count) }
    return String(decoding: bytes.part(at, Int(count)), as: UTF8.self)
  }

  /// Whether there was one.
  mutating func skipText() -> Bool {
    guard let count = number(UInt32.self), bytes.count - at >= Int(count) else { return false }
    at += Int(count)
    return true
  }

  /// Length u32, then those.
  mutating func octets() -> [UInt8]? {
    guard let count = number(UInt32.self), bytes.count - at >= Int(count) else { return nil }
    defer { at += Int(count) }
    return [UInt8](bytes.part(at, Int(count)))
  }

  /// Count u32, then as many u64.
  mutating func sequences() -> [UInt64]? {
    guard let count = number(UInt32.self), (bytes.count - at) / 8 >= Int(count) else { return nil }
    var all: [UInt64] = []
    all.reserveCapacity(Int(count))
    for _ in 0..<count {
      guard let next = number(UInt64.self) else { return nil }
      all.append(next)
    }
    return all
  }
}
