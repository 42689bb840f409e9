/// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), of 64 bits or of 128.
///
/// The standard library's `Hasher` is the shorter SipHash-1-3, and its key changes with every start: hashes that are on
/// disk need one that stays.
struct SipHash {
  private var v0, v1, v2, v3: UInt64
  /// Bytes that do not fill a word yet, lowest first.
  private var tail: UInt64 = 0
  private var count = 0

  @inline(__always)
  init(_ key: IdentityKey) {
    v0 = key.low ^ 0x736f_6d65_7073_6575
    v1 = key.high ^ 0x646f_7261_6e64_6f6d
    v2 = key.low ^ 0x6c79_6765_6e65_7261
    v3 = key.high ^ 0x7465_6462_7974_6573
  }

  /// For `finishWide`.
  @inline(__always)
  init(wide key: IdentityKey) {
    self.init(key)
    v1 ^= 0xee
  }

  /// The same as the number's eight bytes, lowest first; before all else, so that it needs no shifting.
  @inline(__always)
  mutating func begin(with word: UInt64) {
    count = 8
    compress(word)
  }

  @inline(__always)
  mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    let used = UInt64(truncatingIfNeeded: count & 7) &* 8
    let whole = bytes.count & ~7
    var at = 0
    if used == 0 {
      while at < whole {
        compress(bytes.get(at, UInt64.self))
        at += 8
      }
      tail = Self.rest(bytes)
    } else {
      while at < whole {
        let word = bytes.get(at, UInt64.self)
        compress(tail | word &<< used)
        tail = word &>> (64 &- used)
        at += 8
      }
      let word = Self.rest(bytes)
      tail |= word &<< used
      if (count & 7) &+ (bytes.count & 7) >= 8 {
        compress(tail)
        tail = word &>> (64 &- used)
      }
    }
    count &+= bytes.count
  }

  /// The bytes behind the last whole word.
  @inline(__always)
  private static func rest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let left = bytes.count & 7
    if left == 0 { return 0 }
    if bytes.count >= 8 {
      return bytes.get(bytes.count &- 8, UInt64.self) &>> UInt64(truncatingIfNeeded: 64 &- left &* 8)
    }
    var word: UInt64 = 0
    var at = 0
    if left & 4 != 0 {
      word = UInt64(bytes.get(0, UInt32.self))
      at = 4
    }
    if left & 2 != 0 {
      word |= UInt64(bytes.get(at, UInt16.self)) &<< UInt64(truncatingIfNeeded: at &* 8)
      at &+= 2
    }
    if left & 1 != 0 { word |= UInt64(bytes[at]) &<< UInt64(truncatingIfNeeded: at &* 8) }
    return word
  }

  @inline(__always)
  mutating func finish() -> UInt64 {
    close(0xff)
    return v0 ^ v1 ^ v2 ^ v3
  }

  @inline(__always)
  mutating func finishWide() -> (UInt64, UInt64) {
    close(0xee)
    let first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    return (first, v0 ^ v1 ^ v2 ^ v3)
  }

  @inline(__always)
  private mutating func close(_ end: UInt64) {
    compress(tail | UInt64(truncatingIfNeeded: count) &<< 56)
    v2 ^= end
    for _ in 0..<4 { round() }
  }

  @inline(__always)
  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  private mutating func round() {
    v0 = v0 &+ v1
    v2 = v2 &+ v3
    v1 = v0 ^ (v1 &<< 13 | v1 &>> 51)
    v3 = v2 ^ (v3 &<< 16 | v3 &>> 48)
    v0 = (v0 &<< 32 | v0 &>> 32) &+ v3
    v2 = v2 &+ v1
    v1 = v2 ^ (v1 &<< 17 | v1 &>> 47)
    v3 = v0 ^ (v3 &<< 21 | v3 &>> 43)
    v2 = v2 &<< 32 | v2 &>> 32
  }
}
