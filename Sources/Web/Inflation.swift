import CZlib
import HTTP

/// Unpacks a gzip body (RFC 1952) while it comes: one member with a checksum that holds, and nothing behind it.
///
/// What it becomes is bounded while it becomes so: by the body's limit, and by what came of it (`HTTPLimits`).
final class Inflation {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let bytes: Int
  private let limits: HTTPLimits
  private var content: [UInt8] = []
  /// Octets of the body that were looked at.
  private var used = 0
  private var isDone = false

  /// `bytes`: what it may become.
  init(bytes: Int, _ limits: HTTPLimits) throws(HTTPError) {
    self.bytes = bytes
    self.limits = limits
    stream.initialize(to: z_stream())
    // 16 more than the largest window: a gzip head and trailer, and neither zlib's nor none.
    let state = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard state == Z_OK else { throw HTTPError(.serviceUnavailable, "There is no memory to unpack the body.") }
  }

  /// Octets that it has become so far.
  var count: Int { content.count }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Unpacks what is new in `body`, which is all that came so far.
  func take(_ body: [UInt8]) throws(HTTPError) {
    guard used < body.count else { return }
    let new = used..<body.count
    used = body.count
    guard !isDone else { throw Self.trailing }
    let result = body.withUnsafeBytes { inflateAll($0[new]) }
    try result.get()
  }

  func finish() throws(HTTPError) -> [UInt8] {
    guard isDone else { throw HTTPError(.badRequest, "The compressed body stops before its end.") }
    return content
  }

  /// In steps that end at the same places of the body however it comes, for there it is asked what came of it: between
  /// them that depends on the cut, and whether a body is taken may not.
  private func inflateAll(_ input: Slice<UnsafeRawBufferPointer>) -> Result<Void, HTTPError> {
    var rest = input
    while !rest.isEmpty {
      guard !isDone else { return .failure(Self.trailing) }
      let part = rest.prefix(Self.checked - Int(stream.pointee.total_in) % Self.checked)
      rest = rest.dropFirst(part.count)
      if case .failure(let error) = inflate(UnsafeRawBufferPointer(rebasing: part)) { return .failure(error) }
      let consumed = Int(stream.pointee.total_in)
      guard !isDone, consumed % Self.checked != 0 else {
        guard content.count <= max(limits.inflationFloor, limits.inflationRatio * consumed) else {
          return .failure(HTTPError(.contentTooLarge, "The body is compressed too far."))
        }
        continue
      }
    }
    return .success(())
  }

  private func inflate(_ input: UnsafeRawBufferPointer) -> Result<Void, HTTPError> {
    // zlib reads from here and writes nothing to it; its interface is older than const.
    stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: input.count)
    return withUnsafeTemporaryAllocation(byteCount: Self.step, alignment: 16) { output in
      while true {
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(Self.step)
        let state = CZlib.inflate(stream, Z_NO_FLUSH)
        let produced = Self.step - Int(stream.pointee.avail_out)
        guard content.count + produced <= bytes else {
          return .failure(HTTPError(.contentTooLarge, "The body may have \(bytes) octets, unpacked too."))
        }
        content.append(contentsOf: output[..<produced])
        switch state {
        case Z_OK where produced == Self.step: continue
        // Nothing more without more input.
        case Z_OK, Z_BUF_ERROR: return .success(())
        case Z_STREAM_END:
          isDone = true
          return stream.pointee.avail_in == 0 ? .success(()) : .failure(Self.trailing)
        case Z_MEM_ERROR:
          return .failure(HTTPError(.serviceUnavailable, "There is no memory to unpack the body."))
        default: return .failure(HTTPError(.badRequest, "The body is not gzip, or was damaged on its way."))
        }
      }
    }
  }

  /// A second member is refused too: readers differ on whether it belongs to the body.
  private static let trailing = HTTPError(.badRequest, "Something follows the compressed body.")
  /// After so many octets of the body, and at its end, what came of it is compared with it.
  private static let checked = 256
  /// Octets unpacked at a time.
  private static let step = 16_384
}
