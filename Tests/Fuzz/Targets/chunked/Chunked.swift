import Fuzzing
import HTTP

/// A chunked body. However its octets come, the content, its end and the reason of a refusal are the same; what is
/// accepted is what a plain reading of RFC 9112 7.1 finds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: data, count: size)
  let whole = Reading.whole(bytes)
  expect(whole == Reading.pieces(bytes), "pieces are read as the whole is")
  expect(whole.body.count <= bodyLimit, "the body is no larger than it may be")
  expect(whole.consumed <= size && whole.body.count <= size, "what was taken was there")
  if whole.error == nil {
    expect(whole.isDone || whole.consumed == size, "a body that is not done takes everything")
  }
  if whole.isDone {
    expect(whole.body.elementsEqual(plainContent(bytes, whole.consumed)), "the content is what its chunks say")
  }
  return 0
}

private let bodyLimit = 200

/// Small, so that inputs reach them.
private let limits = {
  var limits = HTTPLimits()
  limits.chunkExtension = 24
  limits.chunkExtensions = 48
  limits.chunkOverhead = 64
  limits.chunkOverheadRatio = 6
  limits.trailers = 64
  return limits
}()

private struct Reading: Equatable {
  var body: [UInt8] = []
  var consumed = 0
  var isDone = false
  var error: HTTPError?

  static func whole(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var reader = ChunkedReader(bodyLimit: bodyLimit, limits: limits)
    var reading = Reading()
    reading.take(bytes, &reader)
    return reading
  }

  static func pieces(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var reader = ChunkedReader(bodyLimit: bodyLimit, limits: limits)
    var reading = Reading()
    var cuts = Cuts(bytes)
    var start = 0
    while start < bytes.count, !reading.isDone, reading.error == nil {
      let end = min(bytes.count, start + cuts.next())
      reading.take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), &reader)
      start = end
    }
    return reading
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer, _ reader: inout ChunkedReader) {
    do throws(HTTPError) {
      let count = try reader.read(bytes, into: &body)
      expect(count <= bytes.count, "no more is taken than was given")
      consumed += count
      isDone = reader.isDone
    } catch {
      self.error = error
      // How much was taken before the error depends on the cut, and does not matter: the connection ends.
      body = []
      consumed = 0
    }
  }
}

/// The content of a body that is known to be well-formed, by looking for line ends only.
private func plainContent(_ bytes: UnsafeRawBufferPointer, _ end: Int) -> [UInt8] {
  var content: [UInt8] = []
  var index = 0
  func line() -> Range<Int> {
    let start = index
    while index + 1 < end, !(bytes[index] == 0x0D && bytes[index + 1] == 0x0A) { index += 1 }
    expect(index + 1 < end, "a line has its end")
    defer { index += 2 }
    return start..<index
  }
  while true {
    var size = 0
    let head = line()
    for octet in bytes[head] {
      guard let digit = Character(Unicode.Scalar(octet)).hexDigitValue else { break }
      size = size * 16 + digit
      expect(size <= bodyLimit, "a chunk is no larger than a body may be")
    }
    if size == 0 { break }
    expect(index + size + 2 <= end, "a chunk that was accepted has come")
    content += bytes[index..<(index + size)]
    index += size
    expect(line().isEmpty, "a chunk ends where it says")
  }
  while !line().isEmpty {}
  expect(index == end, "the body ends behind its trailers")
  return content
}
