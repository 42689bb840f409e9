/// HMAC (RFC 2104) with one key for many messages.
///
/// Both padded keys are hashed once; a code then costs the message and one block, and no allocation but its result.
public struct HMACKey: Sendable {
  public let digest: Digest
  private let inner: DigestState
  private let outer: DigestState

  public init(_ digest: Digest, key: [UInt8]) {
    self.digest = digest
    var block = key.count > digest.blockLength ? digest.hash(key) : key
    block += [UInt8](repeating: 0, count: digest.blockLength - block.count)
    var inner = DigestState(digest)
    inner.update(block.map { $0 ^ 0x36 })
    var outer = DigestState(digest)
    outer.update(block.map { $0 ^ 0x5C })
    self.inner = inner
    self.outer = outer
  }

  /// The code of the parts, one behind the other.
  public func code(for parts: [[UInt8]]) -> [UInt8] {
    var state = inner
    for part in parts { state.update(part) }
    return close(state)
  }

  public func code(for message: [UInt8]) -> [UInt8] { code(for: message.span.bytes) }

  public func code(for message: RawSpan) -> [UInt8] {
    var state = inner
    state.update(message)
    return close(state)
  }

  /// Whether `code` is the whole code of the parts; in constant time.
  public func isValid(_ code: [UInt8], for parts: [[UInt8]]) -> Bool {
    constantTimeEqual(code, self.code(for: parts))
  }

  private func close(_ state: DigestState) -> [UInt8] {
    var outer = outer
    outer.update(state.finish())
    return outer.finish()
  }
}
