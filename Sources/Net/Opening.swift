import Glibc

// What happens to a stream without a task: before its first byte, and after its last. Everything here runs on the loop.

extension Stream {
  /// Begins what has to be exchanged before the first byte: a handshake. It goes on as the peer's bytes come, without a
  /// task; when it is done the owner is asked as for any other stream. What takes too long is closed.
  func open(with transport: any Transport) {
    let row = loop.row(descriptor)
    row.pointee.transport = transport
    row.pointee.flags.insert(.opening)
    loop.setDeadline(row, descriptor, row.pointee.openedAt + Limits.handshakeNanoseconds)
    if row.pointee.flags.contains(.readable) { loop.goOnOpening(self) }
  }
}

extension EventLoop {
  func goOnOpening(_ stream: Stream) {
    let descriptor = stream.descriptor
    let row = row(descriptor)
    guard let transport = row.pointee.transport else { return }
    switch transport.open(descriptor) {
    case .wants(let direction): row.pointee.note(.read, wants: direction)
    case .failed(let error):
      if case .tls(.plainHTTP) = error { answerPlainHTTP(descriptor) }
      if transport.hasFailed { linger(stream) } else { closeRow(descriptor) }
    case .moved:
      row.pointee.flags.remove(.opening)
      // The handshake's last attempt need not have emptied the socket; the next edge comes only after what is there now.
      // The peer's end is no byte, and has no further edge either.
      if !transport.hasBytes, !row.pointee.flags.contains(.ended), !hasBytes(descriptor) {
        row.pointee.flags.remove(.readable)
      }
      stream.idle(deadline: now + (row.pointee.owner?.idleNanoseconds ?? 0))
    }
  }

  /// Says no more, and reads on for a moment, so that what was said last arrives.
  func linger(_ stream: Stream) {
    let row = row(stream.descriptor)
    guard !row.pointee.flags.contains(.lingering) else { return }
    row.pointee.resume(.read, .stopped)
    row.pointee.resume(.write, .stopped)
    row.pointee.transport?.end(stream.descriptor)
    _ = shutdown(stream.descriptor, Int32(SHUT_WR))
    row.pointee.flags.subtract(.withoutTask)
    row.pointee.flags.formUnion([.lingering, .doomed])
    row.pointee.task = nil
    // From here on the count is of bytes that may still come.
    row.pointee.served = UInt32(Limits.lingeringBytes)
    setDeadline(row, stream.descriptor, now + Limits.lingeringNanoseconds)
    goOnLingering(stream)
  }

  func goOnLingering(_ stream: Stream) {
    let row = row(stream.descriptor)
    while case .moved(let count) = PlainTransport.read(stream.descriptor, into: state.pointee.scratch) {
      guard count > 0, count < Int(row.pointee.served) else { return closeRow(stream.descriptor) }
      row.pointee.served -= UInt32(count)
    }
    // Reset, or nothing there now.
    if row.pointee.flags.contains(.ended) { closeRow(stream.descriptor) }
  }

  /// One line for people who typed `http://` by mistake; the socket's buffer is empty, so it takes it.
  private func answerPlainHTTP(_ descriptor: Int32) {
    let body = "This port speaks HTTPS only.\n"
    let answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Connection: close\r\n\r\n\(body)"
    _ = Array(answer.utf8).withUnsafeBytes { PlainTransport.write(descriptor, $0) }
  }
}
