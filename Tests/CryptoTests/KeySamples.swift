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
}
