import CLinux
import Glibc

/// The signals a service listens to.
public enum Signal: Sendable, Hashable, CaseIterable {
  case terminate
  case interrupt
  case hangUp
  case user1

  public var number: Int32 {
    switch self {
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .hangUp: SIGHUP
    case .user1: SIGUSR1
    }
  }
}

/// Signals as values, by a pipe that the handler writes to (a handler may do nothing else safely, signal-safety(7)).
public enum Signals {
  /// From now on each of `signals` is an element instead of its default action; it lasts as long as the process.
  public static func stream(of signals: [Signal]) throws(Errno) -> AsyncStream<Signal> {
    let pipe = try FileDescriptor.pipe()
    let reading = pipe.reading.number
    // The handler must never block, and must never meet a closed descriptor: both ends stay open for good.
    _ = fcntl(pipe.writing.number, F_SETFL, O_NONBLOCK)
    let (stream, continuation) = AsyncStream.makeStream(of: Signal.self)
    let byNumber = Dictionary(signals.map { (UInt8($0.number), $0) }, uniquingKeysWith: { first, _ in first })
    try BlockingThread(name: "signals") {
      var byte: UInt8 = 0
      while true {
        let count = Glibc.read(reading, &byte, 1)
        if count == -1 && Errno.last == .interrupted { continue }
        guard count == 1 else { break }
        if let signal = byNumber[byte] { continuation.yield(signal) }
      }
      continuation.finish()
    }.detach()
    for signal in signals where clinux_signal_to_descriptor(signal.number, pipe.writing.number) != 0 {
      throw Errno.last
    }
    pipe.keepForever()
    return stream
  }

  /// A write to a closed socket is an error of that write, not the end of the process.
  public static func ignoreBrokenPipes() { _ = clinux_ignore_signal(SIGPIPE) }
}

extension FileDescriptor.Pipe {
  fileprivate consuming func keepForever() {
    _ = reading.release()
    _ = writing.release()
  }
}
