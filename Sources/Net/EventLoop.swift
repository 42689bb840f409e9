import CLinux
import Glibc
import Posix
import Synchronization

/// One thread, one epoll; the executor of every task that waits on it.
///
/// A task started with `Task(executorPreference: loop)` never leaves the loop's thread: its sockets, its continuations
/// and the default actors it awaits all run here. Nothing that blocks may run on it.
///
/// Descriptors are registered once, edge-triggered, for both directions. Every operation is attempt, would block, park,
/// attempt again; an edge that comes while nobody is parked stays noted in the row, so none is lost: edges are taken and
/// operations attempted by the same thread.
// Safe: `state` is touched by the loop's own thread only; what other threads touch is `inbox`, under its lock, and the
// atomics.
public final class EventLoop: TaskExecutor, Sleeper, @unchecked Sendable {
  /// What other threads left for the loop.
  struct Inbox {
    var jobs: [UnownedJob] = []
    var calls: [@Sendable (EventLoop) -> Void] = []
    var isStopping = false
  }

  let epoll: Int32
  private let wakeUp: Int32
  let state: UnsafeMutablePointer<LoopState>
  private let inbox = Lock(Inbox())
  /// There is something in `inbox`.
  private let hasMail = Atomic<Bool>(false)
  /// The thread waits in the kernel, or is about to: whoever leaves mail must wake it, once.
  private let sleeps = Atomic<Bool>(false)
  /// The loop's thread, 0 until it runs.
  private let thread = Atomic<UInt>(0)
  /// Streams on this loop, for the choice of the least loaded.
  let streamCount = Atomic<Int>(0)
  private let clock: @Sendable () -> Int64

  /// A loop whose thread runs at once. `clock` gives nanoseconds that never go back; a test gives its own, and calls
  /// `poke` when it has moved it.
  public init(
    name: String = "loop", clock: @escaping @Sendable () -> Int64 = Clock.monotonicNanoseconds
  ) throws(NetError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .last("epoll_create1") }
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    let edges = EPOLLIN.rawValue | EPOLLET.rawValue
    guard wakeUp >= 0, clinux_epoll_control(epoll, EPOLL_CTL_ADD, wakeUp, edges, LoopToken.wakeUp) == 0 else {
      throw .last("eventfd")
    }
    self.clock = clock
    state = .allocate(capacity: 1)
    state.initialize(to: LoopState(now: clock()))
    do throws(Errno) {
      try BlockingThread(name: name) { [self] in Wakeups.holdingBack(run) }.detach()
    } catch {
      throw .system(error, call: "pthread_create")
    }
  }

  deinit {
    _ = close(epoll)
    _ = close(wakeUp)
    state.pointee.table.deallocate()
    state.pointee.scratch.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// True on the loop's own thread.
  @inline(__always)
  public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// The loop's clock as of its last wait, nanoseconds. On the loop only.
  @inline(__always)
  public var now: Int64 { state.pointee.now }

  /// How many streams are open on the loop.
  public var streams: Int { streamCount.load(ordering: .relaxed) }

  /// Runs an errand once, after the jobs that are ready and before the loop waits. On the loop only.
  public func beforeWaiting(_ errand: any LoopErrand) { state.pointee.errands.append(errand) }

  // MARK: Work from anywhere

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      state.pointee.ready.append(job)
    } else {
      leave { $0.jobs.append(job) }
    }
  }

  /// Runs a call on the loop's thread, soon.
  public func call(_ body: @escaping @Sendable (EventLoop) -> Void) { leave { $0.calls.append(body) } }

  /// Makes the loop look at its clock again.
  public func poke() { call { _ in } }

  /// Ends the loop's thread once its jobs have run; streams that are still open are closed.
  public func stop() { leave { $0.isStopping = true } }

  private func leave(_ change: (inout sending Inbox) -> Void) {
    inbox.withLock { change(&$0) }
    hasMail.store(true, ordering: .sequentiallyConsistent)
    Wakeups.wake(self)
  }

  /// However much is left while the loop is awake or already called, the kernel is asked once.
  public func wake() {
    if sleeps.exchange(false, ordering: .sequentiallyConsistent) { eventfd_write(wakeUp, 1) }
  }

  // MARK: The thread

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Limits.eventsPerWait)
    defer { events.deallocate() }
    var jobs: [UnownedJob] = []
    var errands: [any LoopErrand] = []
    var mail = Inbox()
    while !mail.isStopping || !state.pointee.ready.isEmpty {
      runJobs(&jobs)
      if !state.pointee.errands.isEmpty { runErrands(&errands) }
      let count = wait(events)
      state.pointee.now = clock()
      for index in 0..<count { take(events[index].events, events[index].data.u64) }
      fireTimers()
      if hasMail.load(ordering: .relaxed) { takeMail(&mail) }
    }
    closeAllRows()
    runJobs(&jobs)
  }

  private func runJobs(_ jobs: inout [UnownedJob]) {
    let executor = asUnownedTaskExecutor()
    for _ in 0..<Limits.jobRoundsPerWait where !state.pointee.ready.isEmpty {
      swap(&state.pointee.ready, &jobs)
      for job in jobs { job.runSynchronously(on: executor) }
      jobs.removeAll(keepingCapacity: true)
    }
  }

  private func runErrands(_ errands: inout [any LoopErrand]) {
    swap(&state.pointee.errands, &errands)
    for errand in errands { errand.run() }
    errands.removeAll(keepingCapacity: true)
  }

  private func wait(_ events: UnsafeMutablePointer<epoll_event>) -> Int {
    Wakeups.release()
    var timeout = state.pointee.ready.isEmpty ? state.pointee.wheel.millisecondsToNext(from: state.pointee.now) : 0
    if timeout != 0 {
      // First say that we sleep, then look for mail: who leaves mail looks in the other order, so one of both sees it.
      sleeps.store(true, ordering: .sequentiallyConsistent)
      if hasMail.load(ordering: .sequentiallyConsistent) { timeout = 0 }
    }
    let count = epoll_wait(epoll, events, Int32(Limits.eventsPerWait), timeout)
    sleeps.store(false, ordering: .relaxed)
    return max(0, Int(count))
  }

  private func takeMail(_ mail: inout Inbox) {
    hasMail.store(false, ordering: .sequentiallyConsistent)
    inbox.withLock { box in
      swap(&box.jobs, &mail.jobs)
      swap(&box.calls, &mail.calls)
      mail.isStopping = mail.isStopping || box.isStopping
    }
    state.pointee.ready.append(contentsOf: mail.jobs)
    mail.jobs.removeAll(keepingCapacity: true)
    for call in mail.calls { call(self) }
    mail.calls.removeAll(keepingCapacity: true)
  }
}
