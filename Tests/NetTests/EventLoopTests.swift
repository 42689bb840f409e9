import Net
import Posix
import Support
import Synchronization
import Testing

struct EventLoopTests {
  private final class Shared: Sendable {
    let waiting = Lock([UnsafeContinuation<Void, Never>]())
    let arrived = Atomic<Int>(0)
  }

  @Test func `a task of the loop stays on its thread whoever resumes it`() async throws {
    let loop = try EventLoop()
    defer { loop.stop() }
    let stayed = await Task(executorPreference: loop) {
      var stayed = loop.isCurrent
      for _ in 0..<100 {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
          Task.detached { continuation.resume() }
        }
        stayed = stayed && loop.isCurrent
      }
      return stayed
    }.value
    #expect(stayed)
    #expect(!loop.isCurrent)
  }

  @Test func `every continuation that another thread resumes in a row arrives`() async throws {
    let loop = try EventLoop()
    defer { loop.stop() }
    let shared = Shared()
    let rounds = 50
    let width = 64
    let log = try BlockingThread(name: "log") {
      var resumed = 0
      while resumed < rounds * width {
        let batch = shared.waiting.withLock { waiting in
          defer { waiting = [] }
          return waiting
        }
        for continuation in batch { continuation.resume() }
        resumed += batch.count
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<width {
        group.addTask(executorPreference: loop) {
          for _ in 0..<rounds {
            await withUnsafeContinuation { continuation in shared.waiting.withLock { $0.append(continuation) } }
            shared.arrived.wrappingAdd(1, ordering: .relaxed)
          }
        }
      }
    }
    log.join()
    let count = shared.arrived.load(ordering: .relaxed)
    #expect(count == rounds * width)
  }

  @Test func `a sleeper wakes when its time has come and not before`() async throws {
    let time = ManualTime()
    let group = try time.loops()
    defer { group.stop() }
    let loop = group.loops[0]
    let shared = Shared()
    let task = Task(executorPreference: loop) {
      await loop.sleep(nanoseconds: 5_000_000_000)
      shared.arrived.store(1, ordering: .relaxed)
    }
    await group.settle()
    await time.advance(milliseconds: 4_999, group)
    let tooEarly = shared.arrived.load(ordering: .relaxed) == 1
    #expect(!tooEarly)
    await time.advance(milliseconds: 200, group)
    await task.value
    let isWoken = shared.arrived.load(ordering: .relaxed) == 1
    #expect(isWoken)
  }
}
