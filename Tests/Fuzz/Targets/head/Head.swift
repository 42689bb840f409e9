import Fuzzing
@testable import HTTP

/// The head of a request. However its octets come, it is read alike; what is accepted has one framing, and written out
/// again it is the same head.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: data, count: size)
  let whole = Reading.whole(bytes)
  expect(whole == Reading.pieces(bytes), "pieces are read as the whole is")
  guard case .complete(let head, let consumed) = whole else { return 0 }
  expect(consumed > 0 && consumed <= size, "what was taken was there")
  expect(consumed <= limits.head && head.fields.count <= limits.fields, "the limits hold")
  checkFraming(head, UnsafeRawBufferPointer(rebasing: bytes[..<consumed]))
  checkWritten(head)
  return 0
}

/// Small, so that inputs reach them.
private let limits = {
  var limits = HTTPLimits()
  limits.requestLine = 256
  limits.head = 1024
  limits.fields = 16
  return limits
}()

private enum Reading: Equatable {
  case needMore
  case complete(RequestHead, Int)
  case refused(HTTPError)

  static func whole(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var parser = RequestHeadParser(limits: limits)
    return Reading(&parser, bytes)
  }

  static func pieces(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var parser = RequestHeadParser(limits: limits)
    var cuts = Cuts(bytes)
    var end = 0
    while end < bytes.count {
      end = min(bytes.count, end + cuts.next())
      let reading = Reading(&parser, UnsafeRawBufferPointer(rebasing: bytes[..<end]))
      if reading != .needMore { return reading }
    }
    return .needMore
  }

  private init(_ parser: inout RequestHeadParser, _ bytes: UnsafeRawBufferPointer) {
    do throws(HTTPError) {
      switch try parser.parse(bytes) {
      case .needMore: self = .needMore
      case .complete(let head, let consumed): self = .complete(head, consumed)
      }
    } catch {
      self = .refused(error)
    }
  }
}

/// What the lines say of the body's end, read once more and differently: without the parser's scan and states.
private func checkFraming(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
  var lengths: [ArraySlice<UInt8>] = []
  var codings: [ArraySlice<UInt8>] = []
  let octets = Array(bytes)
  expect(octets.suffix(4).elementsEqual("\r\n\r\n".utf8), "a head ends in an empty line")
  for line in octets.split(separator: 0x0A) {
    expect(line.last == 0x0D, "each line ends in CR LF")
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
    let name = line[..<colon].map { $0 | 0x20 }
    let value = line[(colon + 1)...].filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
    if name.elementsEqual("content-length".utf8) { lengths.append(value[...]) }
    if name.elementsEqual("transfer-encoding".utf8) { codings.append(value[...]) }
  }
  switch head.framing {
  case .none: expect(lengths.isEmpty && codings.isEmpty, "nothing was said of a body")
  case .length(let length):
    expect(codings.isEmpty && lengths.count == 1, "one length, and no coding")
    expect(lengths[0].elementsEqual(String(length).utf8), "the length is the one that was said")
  case .chunked:
    expect(lengths.isEmpty && codings.count == 1 && head.version == .http11, "one coding, and no length")
    expect(codings[0].map { $0 | 0x20 }.elementsEqual("chunked".utf8), "the coding is chunked")
  }
}

private func checkWritten(_ head: RequestHead) {
  var text: [UInt8] = []
  text += Array(head.method.rawValue.utf8) + [0x20]
  text += Array(head.target.utf8) + [0x20]
  text += Array(head.version.rawValue.utf8) + [0x0D, 0x0A]
  for entry in head.fields.entries {
    text += head.fields.storage[entry.name]
    text.append(UInt8(ascii: ":"))
    text += head.fields.storage[entry.value]
    text += [0x0D, 0x0A]
  }
  text += [0x0D, 0x0A]
  let again = text.withUnsafeBytes { Reading.whole($0) }
  guard case .complete(let other, let consumed) = again else { broken("a head written out is a head") }
  let isSame =
    consumed == text.count && other.method == head.method && other.version == head.version && other.path == head.path
    && other.query == head.query && other.target == head.target && other.fields == head.fields
    && other.framing == head.framing && other.isKeepAlive == head.isKeepAlive
    && other.expectsContinue == head.expectsContinue
  expect(isSame, "a head written out is the same head")
}
