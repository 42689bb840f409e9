import COpenSSL

/// Octets for keys, nonces, tokens and salts.
public enum Random {
  /// Stops the process where the generator has failed: going on would mean keys that can be guessed.
  public static func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      precondition(RAND_bytes(out.baseAddress, Int32(count)) == 1, "no random numbers")
      filled = count
    }
  }
}
