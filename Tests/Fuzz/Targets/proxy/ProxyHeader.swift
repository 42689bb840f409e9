import Fuzzing
import Net

/// A header of the PROXY protocol, version 1 or 2. However its octets come, it is read alike, and not before its end;
/// the addresses that it names are named again when it is written by them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: data, count: size)
  let whole = ProxyHeader.parse(bytes)
  expect(whole == inPieces(bytes), "pieces are read as the whole is")
  guard case .complete(let header, let consumed) = whole else { return 0 }
  expect(consumed > 0 && consumed <= min(size, ProxyHeader.longest), "what was taken was there")
  let isLine = bytes[0] == UInt8(ascii: "P")
  expect(!isLine || consumed <= 107, "a line is as long as it may be")
  guard case .client(let client, let server, let isSecure) = header else { return 0 }
  expect(client == client.normalized && server == server.normalized, "an address is written in one way")
  expect(!isLine || isSecure == nil, "a line says nothing of TLS")
  check(client, server)
  return 0
}

private func inPieces(_ bytes: UnsafeRawBufferPointer) -> ProxyHeader.Outcome {
  var cuts = Cuts(bytes)
  var end = 0
  while end < bytes.count {
    end = min(bytes.count, end + cuts.next())
    let outcome = ProxyHeader.parse(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    if outcome != .needMore { return outcome }
  }
  return .needMore
}

private func check(_ client: SocketAddress, _ server: SocketAddress) {
  let family: String
  switch (client, server) {
  case (.v4, .v4): family = "TCP4"
  case (.v6, .v6): family = "TCP6"
  // An IPv4 address that was written as IPv6 beside one that was not.
  case (.v4, .v6), (.v6, .v4): return
  default: broken("a client has an address")
  }
  let line = "PROXY \(family) \(client.host) \(server.host) \(client.port) \(server.port)\r\n"
  let again = Array(line.utf8).withUnsafeBytes { ProxyHeader.parse($0) }
  expect(
    again == .complete(.client(client, to: server, isSecure: nil), consumed: line.utf8.count),
    "addresses written out are the same addresses")
}

extension SocketAddress {
  fileprivate var port: UInt16 {
    switch self {
    case .v4(_, let port), .v6(_, _, _, let port): port
    case .unix: 0
    }
  }
}
