extension KeyTests {
  /// A key of 1024 bits.
  static let rsa1024 = """
    -----BEGIN PUBLIC KEY-----
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC2Dgwe8jwCD9Hi5KaoXKknqGsZ
    W+8CTJai++aWL/sl3WoCl5m4HTkagUOvI69cSTZwHzqaUVx4YA9f+ifProuBhfFg
    Km+Aav19icPbi15Hw8c+Tcm/UHP91+/8BYh8BxN12SycmH/B3r/sAWCQt4V2OfPM
    FviX54TtPz5z7iJxEQIDAQAB
    -----END PUBLIC KEY-----

    """

  /// A key on a curve that is not accepted.
  static let secp256k1 = """
    -----BEGIN PUBLIC KEY-----
    MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEWJ9oqxdHY6vx68MvvFulo5MHUxha7Nil
    CSC5WR7kDxUYOAlZDi00SYK9NQOF1oWO0MIVzR+LxpAcWpOStEKDrw==
    -----END PUBLIC KEY-----

    """

  /// Made for this test, encrypted with the passphrase `correct`.
  static let encrypted = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhuxV9qWQpCkAICCAAw
    DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHodXIIMh7P5sb06bVplMmAEQL0s
    3XT21iePESGpkgqjpNS4K3bplyMIMNb8P124ohBxheqdwgSn1HGCi32WhQsikajE
    qWaalkS6NGv5Ngve+Fw=
    -----END ENCRYPTED PRIVATE KEY-----

    """

  /// A key of 2048 bits, and its PSS signatures of `message` with salts of 32 and of 20 octets, made by `openssl dgst`.
  static let rsa2048 = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsUh0LFVNEIGLQw7b1rUS
    mNPAfe5TugI/vya4Znm3HYl2KaPg45oxzU1m9qjBP7bFWB3Z6CQ8gc/BdIcFI+99
    TzyMCFpg4AhCc0Ciue2XjmjZRfgtrEkdkpGZLpss1VyEQS8G/KhflNXpQX/PXZXj
    df7wI1+LpDvv0n9g3nBrLSBbcgkmo5KcJ6EAY6awJ7825zLse8+aw2Bto5Hr9542
    rETIGIkXEki5jKc8RshWogCC6gmS5fdVSlRZR0v3YK7xTGGWhmQEiyVPmoPRcn15
    6bVz6iH5ScV6iKEKY9ktydN2mcqQMbOGSkusvx8G09Aa6SDnNf/jAqI93Fx/E6Xz
    TQIDAQAB
    -----END PUBLIC KEY-----

    """

  static let saltOf32 =
    "qs6oJE9+exv7b6+PGuZPVnf9CFWVMILOZRHbZMMXf4/lqna8DvEzfOr/eHJHDJ4thfFZ66n9kutpQ6A6ODD1xixPv9IJOfRZQCxl"
    + "yaiK+pc0PVEGdDnbfVmn6y/uYWHVYlWLFGbY+2LZipYqRmJ4tN7MdJz09cY4nx2Hd/EMrS3e44BhDqOcPLz97geBbXEt7wePRnwA"
    + "2pQeoLF3r4IfaVbQNaZpyVHZN0yZP4atd4t30jIwRvaGdLpYOzD/LDwblh3sGODqrjYeoC8sh2IUI+U+NyvWGV21oJLrmGU5hkvz"
    + "Y8iqIdOKU5F88xSX2OXyoDgQOES/5GSu4FOUtMUCsA=="

  static let saltOf20 =
    "gTtifYplUND1/j44DCZmzm0JPfnIhdh14D3R5t9IvUto2T3yLtiv1KuOWpBahge4tHMeBPsl8DYKOu5avqVhYHuJq0BL8KABtsEu"
    + "uvCPHEX8dpS536xEi4SLhaOagsNDL5/CiCkPGjpfPHs+hDKhWK+CxTEQwSJ1oJJ9LxEjxjaAdO5TSwTPTI5cUSLH7lNX4WhlSfbO"
    + "ys8fI6bMy3/D/fWKmup7p0pyZ5yWA3yoR7KYy3WZza+fh+BIDZy8ESk5HmM0ngdVT4H52XznWs0Wq3pWSerGqyNjF9T5j9NH2DhY"
    + "acjmmf50ku415qkRj/X61aTWn9yREoH0vHB4MUydVw=="
}
