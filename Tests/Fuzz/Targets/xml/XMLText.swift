import Formats
import Fuzzing

/// An XML text, token by token. Every element has its end, text is UTF-8 and no longer than it was, the work is bounded
/// by the length, errors are inside of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeRawBufferPointer(start: data, count: size))
  do throws(XMLError) {
    try read(bytes)
  } catch {
    expect((0...size).contains(error.offset), "the error is inside of the text")
    expect(error.line > 0 && error.column > 0 && error.line + error.column <= size + 2, "lines and columns count")
  }
  return 0
}

/// Small, so that inputs reach them.
private let limits = XMLLimits(depth: 8, attributes: 6, nameLength: 24)
private let vocabulary = XMLVocabulary(["urn:a", "urn:b"])

private func read(_ bytes: [UInt8]) throws(XMLError) {
  var reader = try XMLReader(bytes, vocabulary, limits: limits)
  var tokens = 0
  var open = 0
  var textLength = 0
  while true {
    let token = try reader.next()
    tokens += 1
    // The shortest element is four octets and two tokens.
    expect(tokens <= bytes.count, "there are no more tokens than octets")
    switch token {
    case .start:
      open += 1
      expect(open <= limits.depth && open == reader.depth, "the depth holds")
      try checkElement(reader)
    case .end:
      open -= 1
      expect(open >= 0 && open == reader.depth, "an end has its beginning")
    case .text:
      expect(open > 0, "text is inside of an element")
      textLength += reader.withText { $0.count }
      expect(textLength <= bytes.count, "text does not grow")
      expect(reader.withText { String(validating: $0, as: UTF8.self) } != nil, "text is UTF-8")
    case .finish:
      expect(open == 0, "every element has its end")
      return
    }
  }
}

private func checkElement(_ reader: XMLReader) throws(XMLError) {
  expect(reader.withName { (1...limits.nameLength).contains($0.count) }, "a name is as long as it may be")
  _ = reader.attribute("a")
  _ = reader.attribute("a", 1)
  if let name = try reader.qualifiedName(inAttribute: "type", 0) {
    expect(!name.local.isEmpty, "a name that is resolved is one")
  }
  expect(!reader.uri(reader.namespace).isEmpty || reader.namespace == XMLReader.noNamespace, "a namespace has its URI")
}
