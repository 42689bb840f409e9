import Crypto
import Formats
import JWT
import Testing

/// The signed examples of RFC 7515, appendices A.2 and A.3, whose keys are given there as JWK.
@Suite struct PublishedExampleTests {
  private static let payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

  @Test func `the RS256 example verifies by its key only`() throws {
    let signature =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9"
      + "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
      + "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
      + "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    try check(Self.rsa, Self.ec, .RS256, "eyJhbGciOiJSUzI1NiJ9", signature)
  }

  @Test func `the ES256 example verifies by its key only`() throws {
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    try check(Self.ec, Self.rsa, .ES256, "eyJhbGciOiJFUzI1NiJ9", signature)
  }

  private func check(
    _ pem: String, _ other: String, _ algorithm: JWTAlgorithm, _ header: String, _ signature: String
  ) throws {
    let token = "\(header).\(Self.payload).\(signature)"
    let read = try JWT.verify(token, key: PublicKey(pem: Array(pem.utf8)), algorithm: algorithm)
    #expect(read.claims["iss"] == "joe")
    #expect(try read.checkTimes(now: 1_300_819_379, leeway: 0) == 1_300_819_380)
    #expect(throws: JWTError.expired) { try read.checkTimes(now: 1_300_819_380, leeway: 0) }
    #expect(throws: JWTError.self) {
      try JWT.verify(token, key: PublicKey(pem: Array(other.utf8)), algorithm: algorithm)
    }
  }

  private static let rsa = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj
    NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz
    P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo
    9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB
    EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX
    FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp
    oQIDAQAB
    -----END PUBLIC KEY-----

    """

  private static let ec = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
    6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
    -----END PUBLIC KEY-----

    """
}
