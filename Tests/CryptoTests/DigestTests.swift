import Crypto
import Testing

@Suite struct DigestTests {
  @Test(arguments: [
    (Digest.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      .sha384,
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    ),
    (
      .sha512,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f"
    ),
  ])
  func `each digest has the published hash of abc`(digest: Digest, expected: String) {
    #expect(Hex.encode(digest.hash(Array("abc".utf8))) == expected)
    #expect(digest.length * 2 == expected.count)
  }

  @Test func `a hash in pieces is the hash of the whole, and looking at it changes nothing`() {
    let message = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for digest in Digest.allCases {
      var state = DigestState(digest)
      for octet in message {
        state.update([octet])
        _ = state.finish()
      }
      #expect(state.finish() == digest.hash(message))
    }
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func `HMAC-SHA256 gives the codes of RFC 4231`(key: [UInt8], message: String, expected: String) {
    let hmac = HMACKey(.sha256, key: key)
    let octets = Array(message.utf8)
    #expect(Hex.encode(hmac.code(for: octets)) == expected)
    #expect(hmac.code(for: [Array(octets.prefix(3)), [], Array(octets.dropFirst(3))]) == hmac.code(for: octets))
  }

  @Test func `a code is valid whole and unchanged only`() {
    let hmac = HMACKey(.sha256, key: Array("key".utf8))
    let message = Array("message".utf8)
    let code = hmac.code(for: message)
    #expect(hmac.isValid(code, for: [message]))
    for index in code.indices {
      var changed = code
      changed[index] ^= 1
      #expect(!hmac.isValid(changed, for: [message]))
      #expect(!hmac.isValid(Array(code.prefix(index)), for: [message]))
    }
    #expect(!hmac.isValid(code + [0], for: [message]))
    #expect(!hmac.isValid(code, for: [message, [0]]))
  }

  @Test func `random octets are as many as asked and not the same twice`() {
    #expect(Random.bytes(0).isEmpty)
    #expect(Random.bytes(32).count == 32)
    #expect(Random.bytes(32) != Random.bytes(32))
  }
}
