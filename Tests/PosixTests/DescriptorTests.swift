import Glibc
import Posix
import Testing

struct DescriptorTests {
  private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) != -1 }

  @Test func `the end of its owner closes a descriptor`() throws {
    // A pipe's other end tells what its number alone cannot: the number may be another's at once.
    let pipe = try FileDescriptor.pipe()
    func consume(_ descriptor: consuming FileDescriptor) {}
    let reading = pipe.reading.number
    #expect(isOpen(reading))
    let copy = FileDescriptor(owning: dup(pipe.writing.number))
    let number = copy.number
    #expect(isOpen(number))
    consume(copy)
  }

  @Test func `what is written is read, and a closed writer is the end`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe2(&ends) == 0)
    let reader = FileDescriptor(owning: ends[0])
    let writer = FileDescriptor(owning: ends[1])
    #expect(try [1, 2, 3].withUnsafeBytes { try writer.write($0) } == 24)
    try writer.close()
    var buffer = [UInt8](repeating: 0, count: 100)
    #expect(try buffer.withUnsafeMutableBytes { try reader.read(into: $0) } == 24)
    #expect(try buffer.withUnsafeMutableBytes { try reader.read(into: $0) } == 0)
  }

  private func pipe2(_ ends: inout [Int32]) -> Int32 { Glibc.pipe(&ends) }

  @Test func `a call on a closed descriptor says why`() {
    let closed = FileDescriptor(owning: -1)
    #expect(throws: Errno(rawValue: EBADF)) { try [UInt8(0)].withUnsafeBytes { try closed.write($0) } }
    #expect(Errno(rawValue: ENOENT).description == "No such file or directory")
  }
}

struct ThreadTests {
  @Test func `a blocking call runs on a thread of its own`() async throws {
    let mine = UInt(pthread_self())
    let other = try await BlockingThread.run(name: "other") { UInt(pthread_self()) }
    #expect(other != mine)
  }

  @Test func `a lock keeps threads apart`() throws {
    let total = Counter()
    let threads = try (0..<4).map { index in
      try BlockingThread(name: "count-\(index)") { for _ in 0..<10_000 { total.value.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(total.value.withLock { $0 } == 40_000)
  }

  private final class Counter: Sendable {
    let value = Lock(0)
  }
}

struct SignalTests {
  @Test func `signals are elements, each as often as it was sent`() async throws {
    let stream = try Signals.stream(of: [.user1, .hangUp])
    // To the process, as they come in life: the pool's threads block signals that are sent to themselves.
    kill(getpid(), SIGUSR1)
    kill(getpid(), SIGHUP)
    var seen: [Signal] = []
    for await signal in stream {
      seen.append(signal)
      if seen.count == 2 { break }
    }
    #expect(Set(seen) == [.user1, .hangUp])
  }
}

struct ClockTests {
  @Test func `the monotonic clock never goes back`() {
    var last = Clock.monotonicNanoseconds()
    for _ in 0..<1_000 {
      let now = Clock.monotonicNanoseconds()
      #expect(now >= last)
      last = now
    }
    #expect(Clock.wall().seconds > 1_700_000_000)
    #expect((0..<1_000_000_000).contains(Clock.wall().nanoseconds))
  }
}
