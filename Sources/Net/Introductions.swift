import CLinux
import Glibc

// The PROXY protocol on a listener that asks for it: who is behind the proxy, before TLS and before the first request.
// Everything here runs on the loop's thread.

extension Stream {
  /// Waits, without a task, for a proxy's header.
  func awaitProxy() {
    guard let row else { return }
    loop.enter(.opening, slot)
    loop.setDeadline(row, slot, row.pointee.openedAt + Limits.proxyHeaderNanoseconds)
    if row.pointee.flags.contains(.readable) { loop.readIntroduction(self) }
  }

  /// The proxy that speaks for `peer`, by the PROXY protocol.
  public var proxy: SocketAddress? { row?.pointee.introduction?.proxy }

  /// False where a proxy that has to name a client did not: what the stream carries is nobody's word.
  public var namesClient: Bool { row?.pointee.introduction?.namesClient ?? true }
}

extension EventLoop {
  /// The header is looked at where the kernel keeps it and taken out when it is whole: so a proxy may send it in any
  /// pieces, nothing is stored for it here, and what follows is the transport's to read.
  func readIntroduction(_ stream: Stream) {
    let row = row(stream.slot)
    let scratch = UnsafeMutableRawBufferPointer(rebasing: state.pointee.scratch[..<ProxyHeader.longest])
    let descriptor = row.pointee.descriptor
    let count = recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_PEEK | MSG_DONTWAIT))
    switch ProxyHeader.parse(UnsafeRawBufferPointer(rebasing: scratch[..<max(0, count)])) {
    case .complete(let header, let consumed):
      guard recv(descriptor, scratch.baseAddress, consumed, Int32(MSG_DONTWAIT)) == consumed else {
        return closeRow(stream.slot)
      }
      introduce(stream, header)
    case .needMore:
      // The edge is used up; the end has no further one.
      row.pointee.flags.remove(.readable)
      if row.pointee.flags.contains(.ended) { closeRow(stream.slot) }
    case .invalid: closeRow(stream.slot)
    }
  }

  private func introduce(_ stream: Stream, _ header: ProxyHeader) {
    let row = row(stream.slot)
    let proxy = row.pointee.peer
    row.pointee.flags.remove(.awaitsProxy)
    switch header {
    case .ownConnection:
      row.pointee.introduction = Introduction(proxy: proxy, isSecure: nil, namesClient: false)
    case .client(let client, _, let isSecure):
      row.pointee.introduction = Introduction(proxy: proxy, isSecure: isSecure, namesClient: true)
      row.pointee.peer = client
    }
    row.pointee.owner?.introduced(stream, by: proxy)
    guard let row = stream.row else { return }
    // What is there behind the header has no further edge; where nothing is, one will come.
    if !hasBytes(row.pointee.descriptor), !row.pointee.flags.contains(.ended) { row.pointee.flags.remove(.readable) }
    stream.begin()
  }
}
