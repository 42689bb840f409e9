/// A Bloom filter of identity hashes: says "certainly not here", or "perhaps".
///
/// Each hash has eight bits in one line of 64 bytes, one in each of its words, so that a look-up costs one cache line.
/// With 12 bits an entry, about one look-up of 240 for a hash that is not here is let through.
// Safe: its words are written by whoever makes it, before anybody else has it, and never after that.
final class IdentityFilter: @unchecked Sendable {
  static let lineSize = 64
  static let bitsPerEntry = 12

  /// Bytes of a filter of so many entries.
  static func size(_ count: Int) -> Int { max(1, (count * bitsPerEntry + 511) / 512) * lineSize }

  let view: View
  private let bytes: UnsafeMutableRawBufferPointer

  init(count: Int) {
    bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.size(count), alignment: Self.lineSize)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    view = View(UnsafeRawBufferPointer(bytes))
  }

  deinit { bytes.deallocate() }

  var size: Int { bytes.count }
  /// To fill it, before it is shared.
  var storage: UnsafeMutableRawBufferPointer { bytes }

  func insert(_ hash: UInt64) {
    let line = view.line(hash)
    for word in 0..<8 {
      let at = line + word * 8
      bytes.set(at, UnsafeRawBufferPointer(bytes).get(at, UInt64.self) | View.bit(hash, word))
    }
  }

  /// For whoever keeps the filter alive by other means: nothing is counted at a look-up.
  struct View {
    private let start: UnsafeRawPointer
    private let lines: UInt64

    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
      guard let start = bytes.baseAddress else { preconditionFailure("a filter has a line at least") }
      self.start = start
      lines = UInt64(bytes.count / IdentityFilter.lineSize)
    }

    @inline(__always)
    func mayContain(_ hash: UInt64) -> Bool {
      let line = start + line(hash)
      for word in 0..<8 {
        let bits = UInt64(littleEndian: line.load(fromByteOffset: word &* 8, as: UInt64.self))
        if bits & Self.bit(hash, word) == 0 { return false }
      }
      return true
    }

    /// The line is chosen by the hash's upper bits, the bits in it by the lower.
    @inline(__always)
    fileprivate func line(_ hash: UInt64) -> Int {
      Int(truncatingIfNeeded: hash.multipliedFullWidth(by: lines).high) &* IdentityFilter.lineSize
    }

    @inline(__always)
    fileprivate static func bit(_ hash: UInt64, _ word: Int) -> UInt64 {
      1 &<< (hash &>> UInt64(truncatingIfNeeded: word &* 6) & 63)
    }
  }
}
