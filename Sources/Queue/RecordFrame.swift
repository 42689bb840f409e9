import Crypto

/// The frame around a record's payload; see `Format.swift`.
struct RecordFrame {
  var kind: UInt8
  var flags: UInt8
  var sequence: UInt64
  var group: UInt32
  /// From the batch's first byte.
  var offset: Int
  /// As it stands there.
  var payloadLength: Int

  /// The type of a record of which nothing is left but its place.
  static let erased: UInt8 = 0xFF
  /// Where such a record says which type it was, from its first byte.
  static let erasedKind = 6
  static let compressed: UInt8 = 1
  static let encrypted: UInt8 = 2

  var isCompressed: Bool { flags & Self.compressed != 0 }
  var isEncrypted: Bool { flags & Self.encrypted != 0 }
  /// A later version may have more flags.
  var isKnown: Bool { flags & ~(Self.compressed | Self.encrypted) == 0 }

  var end: Int { offset + Format.padded(Format.recordHeadSize + payloadLength) }

  /// Appends a head of zeros, for `close` to fill in.
  static func open(_ bytes: inout [UInt8]) -> Int {
    let offset = bytes.count
    bytes.putZeros(Format.recordHeadSize)
    return offset
  }

  /// What is to be encrypted gets room for its tag.
  static func close(
    _ bytes: inout [UInt8], at offset: Int, kind: LogRecord.Kind, flags: UInt8, sequence: UInt64, group: UInt32
  ) {
    if flags & encrypted != 0 { bytes.putZeros(AESGCM.tagLength) }
    let length = UInt32(bytes.count - offset - Format.recordHeadSize)
    bytes.padToEight()
    bytes.withUnsafeMutableBytes { all in
      all.set(offset, length)
      all.set(offset + 4, UInt32(flags) << 8 | UInt32(kind.rawValue))
      all.set(offset + 8, sequence)
      all.set(offset + 16, group)
    }
  }

  /// Reads the frame at an offset; nil where it does not fit or its checksum is wrong.
  static func read(_ bytes: UnsafeRawBufferPointer, at offset: Int, seed: UInt32) -> RecordFrame? {
    guard let length = length(bytes, at: offset) else { return nil }
    guard bytes.get(offset + 20, UInt32.self) == checksum(bytes, at: offset, length: length, seed: seed) else {
      return nil
    }
    return RecordFrame(
      kind: bytes[offset + 4], flags: bytes[offset + 5], sequence: bytes.get(offset + 8, UInt64.self),
      group: bytes.get(offset + 16, UInt32.self),
      offset: offset, payloadLength: length)
  }

  func payload(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    bytes.part(offset + Format.recordHeadSize, payloadLength)
  }

  /// Encrypts all records from `start` on, where there is a cipher, and fills in their checksums.
  static func seal(_ bytes: UnsafeMutableRawBufferPointer, from start: Int, seed: UInt32, cipher: RecordCipher?) {
    var offset = start
    let all = UnsafeRawBufferPointer(bytes)
    while let length = length(all, at: offset) {
      cipher?.seal(bytes, at: offset, length: length)
      bytes.set(offset + 20, checksum(all, at: offset, length: length, seed: seed))
      offset += Format.padded(Format.recordHeadSize + length)
    }
  }

  private static func length(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
    guard offset + Format.recordHeadSize <= bytes.count else { return nil }
    let length = Int(bytes.get(offset, UInt32.self))
    return length <= bytes.count - offset - Format.recordHeadSize ? length : nil
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer, at offset: Int, length: Int, seed: UInt32) -> UInt32 {
    let head = crc32c(bytes.part(offset, 20), from: seed)
    return crc32c(bytes.part(offset + Format.recordHeadSize, length), from: head)
  }
}
