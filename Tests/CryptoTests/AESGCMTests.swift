import Crypto
import Testing

@Suite struct AESGCMTests {
  static let key = [UInt8](repeating: 7, count: 32)
  static let nonce = [UInt8](repeating: 9, count: 12)

  /// The GCM specification's test case 16.
  @Test func `sealing gives the published ciphertext and tag`() throws {
    let sealed = try AESGCM.seal(
      hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
          + "b16aedf5aa0de657ba637b39"),
      key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
      nonce: hex("cafebabefacedbaddecaf888"), additional: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    #expect(
      Hex.encode(sealed)
        == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        + "c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b")
  }

  @Test func `what is sealed opens, and every flipped bit is noticed`() throws {
    for length in [0, 1, 16, 33] {
      let text = [UInt8](repeating: 5, count: length)
      let sealed = try AESGCM.seal(text, key: Self.key, nonce: Self.nonce, additional: [1, 2])
      #expect(sealed.count == length + AESGCM.tagLength)
      #expect(try AESGCM.open(sealed, key: Self.key, nonce: Self.nonce, additional: [1, 2]) == text)
      for index in 0..<(sealed.count * 8) {
        var changed = sealed
        changed[index / 8] ^= 1 << UInt8(index % 8)
        #expect(throws: CryptoError.notAuthentic) {
          try AESGCM.open(changed, key: Self.key, nonce: Self.nonce, additional: [1, 2])
        }
      }
      #expect(throws: CryptoError.notAuthentic) {
        try AESGCM.open(sealed, key: Self.key, nonce: Self.nonce, additional: [1])
      }
    }
  }

  @Test func `too short is not authentic, and other key and nonce lengths are not supported`() {
    #expect(throws: CryptoError.notAuthentic) {
      try AESGCM.open([UInt8](repeating: 0, count: 15), key: Self.key, nonce: Self.nonce)
    }
    #expect(throws: CryptoError.unsupportedKey) {
      try AESGCM.seal([], key: Array(Self.key.prefix(16)), nonce: Self.nonce)
    }
    #expect(throws: CryptoError.unsupportedKey) { try AESGCM.seal([], key: Self.key, nonce: Self.nonce + [0]) }
  }

  @Test func `one context seals and opens many, in any order, as one that was made for each would`() throws {
    let context = try AESGCMContext(key: Self.key)
    for round in 0..<40 {
      let text = (0..<round * 7).map { UInt8(truncatingIfNeeded: $0 * round) }
      let nonce = Self.nonce.dropLast() + [UInt8(round)]
      let additional = [UInt8](repeating: UInt8(round), count: round % 3 * 14)
      var sealed = text + [UInt8](repeating: 0, count: AESGCM.tagLength)
      let isSealed = sealed.withUnsafeMutableBytes { all in
        nonce.withUnsafeBytes { nonce in
          additional.withUnsafeBytes { context.seal(all, nonce: nonce, additional: $0) }
        }
      }
      #expect(isSealed)
      #expect(try sealed == AESGCM.seal(text, key: Self.key, nonce: Array(nonce), additional: additional))
      #expect(open(sealed, context, nonce, additional) == text)
      sealed[round % sealed.count] ^= 1
      #expect(open(sealed, context, nonce, additional) == nil)
      sealed[round % sealed.count] ^= 1
      #expect(open(sealed, context, nonce, additional + [0]) == nil)
    }
  }

  @Test func `a text that is not authentic is not given out`() throws {
    let sealed = try AESGCM.seal([UInt8](repeating: 5, count: 40), key: Self.key, nonce: Self.nonce)
    let context = try AESGCMContext(key: Self.key)
    var text = [UInt8](repeating: 1, count: 40)
    let changed = sealed.dropLast() + [sealed[55] ^ 1]
    let isAuthentic = text.withUnsafeMutableBytes { text in
      Array(changed).withUnsafeBytes { sealed in
        Self.nonce.withUnsafeBytes {
          context.open(sealed, into: text, nonce: $0, additional: UnsafeRawBufferPointer(start: nil, count: 0))
        }
      }
    }
    #expect(!isAuthentic && text == [UInt8](repeating: 0, count: 40))
  }

  private func open(
    _ sealed: [UInt8], _ context: AESGCMContext, _ nonce: ArraySlice<UInt8>, _ additional: [UInt8]
  ) -> [UInt8]? {
    var text = [UInt8](repeating: 0, count: sealed.count - AESGCM.tagLength)
    let isAuthentic = text.withUnsafeMutableBytes { text in
      sealed.withUnsafeBytes { sealed in
        nonce.withUnsafeBytes { nonce in
          additional.withUnsafeBytes { context.open(sealed, into: text, nonce: nonce, additional: $0) }
        }
      }
    }
    return isAuthentic ? text : nil
  }

  private func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }
}
