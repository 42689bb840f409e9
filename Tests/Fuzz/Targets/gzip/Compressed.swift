import CZlib
import Fuzzing
import HTTP
@testable import Web

/// A compressed body. However its octets come, it becomes the same, and never more than it may; what was compressed
/// whole and was not changed comes out as it went in.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  var choices = Choices(UnsafeRawBufferPointer(start: data, count: size))
  if choices.byte() & 1 == 0 {
    check(choices.rest())
    return 0
  }
  let count = Int(choices.byte()) << UInt8(choices.byte() & 3)
  let content = Array(repeatElement(choices.byte(), count: count)) + choices.some(96)
  let whole = compressed(content)
  var body = whole
  while !choices.isEmpty { choices.edit(&body) }
  let outcome = check(body)
  if body == whole {
    let fits = content.count <= limit && content.count <= max(limits.inflationFloor, limits.inflationRatio * body.count)
    expect(outcome == (fits ? .content(content) : .refused(.contentTooLarge)), "what was compressed comes out again")
  }
  return 0
}

private let limit = 1_500

/// Small, so that inputs reach them.
private let limits = {
  var limits = HTTPLimits()
  limits.inflationFloor = 200
  limits.inflationRatio = 20
  return limits
}()

private enum Outcome: Equatable {
  case content([UInt8])
  case refused(Status)
}

@discardableResult
private func check(_ body: [UInt8]) -> Outcome {
  let whole = inflated(body, byPieces: false)
  if case .content(let content) = whole {
    expect(content.count <= limit, "a body becomes no more than it may")
    expect(
      content.count <= max(limits.inflationFloor, limits.inflationRatio * body.count), "nor too much of too little")
    expect(inflated(body, byPieces: true) == whole, "pieces become what the whole does")
  } else if case .content = inflated(body, byPieces: true) {
    broken("what is refused whole is refused in pieces")
  }
  return whole
}

private func inflated(_ body: [UInt8], byPieces: Bool) -> Outcome {
  do throws(HTTPError) {
    let inflation = try Inflation(bytes: limit, limits)
    var cuts = body.withUnsafeBytes { Cuts($0) }
    var end = byPieces ? 0 : body.count
    repeat {
      end = min(body.count, end + cuts.next())
      try inflation.take(Array(body[..<end]))
      expect(inflation.count <= limit, "it never becomes more than it may")
    } while end < body.count
    return .content(try inflation.finish())
  } catch {
    return .refused(error.status)
  }
}

private func compressed(_ content: [UInt8]) -> [UInt8] {
  expect(deflateReset(deflating) == Z_OK, "a stream can begin again")
  var input = content
  var output = [UInt8](repeating: 0, count: content.count + 128)
  let count = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      deflating.pointee.next_in = input.baseAddress
      deflating.pointee.avail_in = UInt32(input.count)
      deflating.pointee.next_out = output.baseAddress
      deflating.pointee.avail_out = UInt32(output.count)
      expect(deflate(deflating, Z_FINISH) == Z_STREAM_END, "what is small can be compressed")
      return output.count - Int(deflating.pointee.avail_out)
    }
  }
  return Array(output[..<count])
}

/// One for all: to make it takes longer than all else that is done here.
// Safe: inputs come one after the other, on one thread.
nonisolated(unsafe) private let deflating = {
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  stream.initialize(to: z_stream())
  let size = Int32(MemoryLayout<z_stream>.size)
  guard deflateInit2_(stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
    broken("there is memory to compress")
  }
  return stream
}()
