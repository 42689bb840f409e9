import CZlib
import Events
import Posix

/// Packing of large bodies with deflate (RFC 1951). It saves room on disk and never time: measured, a byte that is saved
/// costs 10 ns from 4 KiB on and several times that below (the stream's own cost), and a byte that is written 0.5 ns of a
/// processor and 2 ns of a sync. So what usually comes, a few KiB, is stored as it is; from the size on at which one body
/// takes as much room as a dozen usual events, room is worth more. Beyond the largest size it would hold up the thread
/// that takes requests in for too long.
///
/// It is done by who appends, so that the writer, who serves everybody, never waits for it.
enum Compression {
  static let sizes = 16 << 10...1 << 20
  /// No longer than seven eighths, or it is not worth unpacking.
  static func limit(_ size: Int) -> Int { size - size / 8 }
  /// Deflate makes no more than so many bytes of one.
  static let largestRatio = 1032
}

/// Streams for packing, kept for the next who needs one.
final class Deflaters: Sendable {
  private let idle = Lock<[Deflater]>([])
  private static let kept = 8

  /// The packed bodies of the events, empty where it does not pay; no array at all where it pays for none.
  func pack(_ events: [Event]) -> [[UInt8]] {
    guard events.contains(where: { Compression.sizes.contains($0.payload.count) }) else { return [] }
    let taken = idle.withLock { $0.popLast() }
    guard let deflater = taken ?? Deflater() else { return [] }
    let packed = events.map { Compression.sizes.contains($0.payload.count) ? deflater.pack($0.payload) : [] }
    idle.withLock { if $0.count < Self.kept { $0.append(deflater) } }
    return packed
  }
}

// Safe: whoever took it out of `Deflaters` has it alone.
private final class Deflater: @unchecked Sendable {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  /// Nil where there is no memory.
  init?() {
    stream.initialize(to: z_stream())
    // The fastest level; the largest window, without zlib's head and checksum.
    let state = deflateInit2_(
      stream, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    if state != Z_OK { return nil }
  }

  deinit {
    deflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Empty where it does not pay.
  func pack(_ body: [UInt8]) -> [UInt8] {
    deflateReset(stream)
    return [UInt8](unsafeUninitializedCapacity: Compression.limit(body.count)) { out, count in
      count = 0
      body.withUnsafeBytes { body in
        stream.feed(body)
        stream.pointee.next_out = out.baseAddress
        stream.pointee.avail_out = UInt32(out.count)
        if deflate(stream, Z_FINISH) == Z_STREAM_END { count = out.count - Int(stream.pointee.avail_out) }
      }
    }
  }
}

/// Unpacks bodies. Belongs to one thread.
final class Inflater {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let isReady: Bool

  init() {
    stream.initialize(to: z_stream())
    isReady = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// The body of so many bytes; nil where it is not exactly that. Memory is taken only for a length that so much can
  /// become.
  func unpack(_ packed: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
    guard isReady, count <= Limits.body, count <= packed.count * Compression.largestRatio else { return nil }
    inflateReset(stream)
    var isWhole = false
    let body = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      stream.feed(packed)
      stream.pointee.next_out = out.baseAddress
      stream.pointee.avail_out = UInt32(count)
      let state = inflate(stream, Z_FINISH)
      filled = count - Int(stream.pointee.avail_out)
      isWhole = state == Z_STREAM_END && filled == count && stream.pointee.avail_in == 0
    }
    return isWhole ? body : nil
  }
}

extension UnsafeMutablePointer<z_stream> {
  /// zlib reads from there and writes nothing to it; its interface is older than const.
  fileprivate func feed(_ bytes: UnsafeRawBufferPointer) {
    pointee.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    pointee.avail_in = UInt32(bytes.count)
  }
}
