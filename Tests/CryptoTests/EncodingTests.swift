import Crypto
import Testing

@Suite struct EncodingTests {
  /// RFC 4648 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `base64 is that of RFC 4648, both ways`(plain: String, text: String) {
    let bytes = Array(plain.utf8)
    let unpadded = String(text.prefix { $0 != "=" })
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text) == bytes)
    #expect(Base64URL.encode(bytes) == unpadded)
    #expect(Base64URL.decode(unpadded) == bytes)
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm9v=", "Zm9v====", "====", "=", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", " Zm9v",
    "Zm9v Zm9v", "Z=g=", "-_-_", "Zg==Zg==", "Zm9v?", "Zmé=",
  ])
  func `base64 that is not the canonical text of some octets is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test(arguments: ["Z", "Zg==", "Zm8=", "Zh", "Zm9", "+/+/", "Zm9v ", "Zm9v\n", "Zm9vY", "Zm9v?"])
  func `base64url with padding, spare bits or foreign characters is refused`(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test func `every octet and every length survives base64, base64url and hexadecimal`() {
    for length in 0..<70 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ length) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }
    #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
    #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
  }

  @Test func `hexadecimal is read in either case, whole octets only`() {
    #expect(Hex.decode("00fFAb") == [0x00, 0xFF, 0xAB])
    for text in ["0", "0x00", "0g", " 00", "00 ", "+1"] { #expect(Hex.decode(text) == nil) }
  }
}
