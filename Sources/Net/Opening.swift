import Glibc

// What happens to a stream without a task: before its first byte, and after its last. Everything here runs on the loop.

extension Stream {
  /// Begins what comes before the first byte: the header of a proxy, a handshake. They go on as the peer's bytes come,
  /// without a task; when they are done the owner is asked as for any other stream. What takes too long is closed.
  func begin() {
    guard let row, !row.pointee.flags.contains(.doomed) else { return }
    if row.pointee.flags.contains(.awaitsProxy) {
      awaitProxy()
    } else if row.pointee.transport != nil {
      shakeHands()
    } else {
      idle(deadline: loop.now + (row.pointee.owner?.idleNanoseconds ?? 0))
    }
  }

  func shakeHands() {
    guard let row else { return }
    row.pointee.flags.insert(.opening)
    loop.enter(.opening, slot)
    loop.setDeadline(row, slot, row.pointee.openedAt + Limits.handshakeNanoseconds)
    if row.pointee.flags.contains(.readable) { loop.goOnOpening(self) }
  }

  /// Says that nothing more will be written, and reads on for a moment, without a task, so that what was said last
  /// arrives: a socket closed with unread bytes resets the connection (RFC 9112 9.6).
  public func linger(bytes: Int, nanoseconds: Int64) { loop.linger(self, bytes: bytes, nanoseconds: nanoseconds) }
}

extension EventLoop {
  func goOnOpening(_ stream: Stream) {
    let row = row(stream.slot)
    let descriptor = row.pointee.descriptor
    guard let transport = row.pointee.transport else { return }
    switch transport.open(descriptor) {
    case .wants(let direction): row.pointee.note(.read, wants: direction)
    case .failed(let error):
      if case .tls(.plainHTTP) = error { answerPlainHTTP(descriptor) }
      if transport.hasFailed { linger(stream) } else { closeRow(stream.slot) }
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

  func linger(
    _ stream: Stream, bytes: Int = Limits.lingeringBytes, nanoseconds: Int64 = Limits.lingeringNanoseconds
  ) {
    guard let row = stream.row, !row.pointee.flags.contains(.lingering) else { return }
    let descriptor = row.pointee.descriptor
    row.pointee.resume(.read, .stopped)
    row.pointee.resume(.write, .stopped)
    row.pointee.transport?.end(descriptor)
    _ = shutdown(descriptor, Int32(SHUT_WR))
    row.pointee.flags.subtract(.withoutTask)
    row.pointee.flags.formUnion([.lingering, .doomed])
    row.pointee.task = nil
    // From here on the count is of bytes that may still come.
    row.pointee.served = UInt32(clamping: bytes)
    move(stream.slot, to: .idle)
    setDeadline(row, stream.slot, now + nanoseconds)
    goOnLingering(stream)
  }

  func goOnLingering(_ stream: Stream) {
    let row = row(stream.slot)
    while case .moved(let count) = PlainTransport.read(row.pointee.descriptor, into: state.pointee.scratch) {
      guard count > 0, count < Int(row.pointee.served) else { return closeRow(stream.slot) }
      row.pointee.served -= UInt32(count)
    }
    // Reset, or nothing there now.
    if row.pointee.flags.contains(.ended) { closeRow(stream.slot) }
  }

  /// One line for people who typed `http://` by mistake; the socket's buffer is empty, so it takes it.
  private func answerPlainHTTP(_ descriptor: Int32) {
    let body = "This port speaks HTTPS only.\n"
    let answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n"
      + "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n\(body)"
    _ = Array(answer.utf8).withUnsafeBytes { PlainTransport.write(descriptor, $0) }
  }
}
