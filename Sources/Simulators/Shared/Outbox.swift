import Posix

/// Sends what waits, again and again with growing delay, until it is taken.
///
/// What stands in a parcel is made when it is sent, so that a retry carries the newest values under the same id.
final class Outbox: Sendable {
  struct Parcel: Sendable, Hashable {
    let id: String
    /// Parcels of one group may go in one message.
    let group: String
    /// What it is about; the sender knows.
    let subject: String
    var attempts = 0
    var due: Int64 = 0
  }

  struct Timing: Sendable {
    /// Milliseconds before the first retry; doubled each time.
    var base: Int64 = 2000
    /// Two hours.
    var longest: Int64 = 7_200_000
  }

  private struct State {
    var waiting: [Parcel] = []
    var inFlight = 0
    var isStopped = false
    var timer: Int64?
    var watchers: [CheckedContinuation<Void, Never>] = []
    var sent = 0
  }

  private let state = Lock(State())
  private let timing: Timing
  private let batch: Int
  private let parallel: Int
  private let send: @Sendable ([Parcel]) async -> Bool

  init(timing: Timing, batch: Int, parallel: Int = 4, send: @escaping @Sendable ([Parcel]) async -> Bool) {
    self.timing = timing
    self.batch = batch
    self.parallel = parallel
    self.send = send
  }

  func add(_ parcels: [Parcel]) {
    guard !parcels.isEmpty else { return }
    state.withLock { $0.waiting += parcels }
    kick()
  }

  /// Messages that were sent, retries included.
  var sent: Int { state.withLock { $0.sent } }

  var isEmpty: Bool { state.withLock { $0.waiting.isEmpty && $0.inFlight == 0 } }

  /// Returns when everything was taken, or when it was stopped.
  func emptied() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if (state.waiting.isEmpty && state.inFlight == 0) || state.isStopped { return true }
        state.watchers.append(continuation)
        return false
      }
      if isDone { continuation.resume() }
    }
  }

  func stop() {
    let watchers = state.withLock { state in
      state.isStopped = true
      state.waiting = []
      defer { state.watchers = [] }
      return state.watchers
    }
    for watcher in watchers { watcher.resume() }
  }

  /// Everything that waits is due now.
  func hurry() {
    state.withLock { state in
      for index in state.waiting.indices { state.waiting[index].due = 0 }
    }
    kick()
  }

  // MARK: the loop

  private static func now() -> Int64 { Clock.monotonicNanoseconds() / 1_000_000 }

  private func kick() {
    let now = Self.now()
    let (batches, timer) = state.withLock { state -> ([[Parcel]], Int64?) in
      guard !state.isStopped else { return ([], nil) }
      var batches: [[Parcel]] = []
      while state.inFlight < parallel, let first = state.waiting.first(where: { $0.due <= now }) {
        let chosen = Array(state.waiting.lazy.filter { $0.group == first.group && $0.due <= now }.prefix(batch))
        let ids = Set(chosen.map(\.id))
        state.waiting.removeAll { ids.contains($0.id) }
        state.inFlight += 1
        batches.append(chosen)
      }
      guard let next = state.waiting.map(\.due).min(), next > now, state.timer.map({ $0 > next || $0 <= now }) ?? true
      else { return (batches, nil) }
      state.timer = next
      return (batches, next)
    }
    for batch in batches {
      Task { await self.deliver(batch) }
    }
    guard let timer else { return }
    Task {
      try? await Task.sleep(nanoseconds: UInt64(max(1, timer - now)) * 1_000_000)
      self.kick()
    }
  }

  private func deliver(_ parcels: [Parcel]) async {
    let isTaken = await send(parcels)
    let watchers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.inFlight -= 1
      state.sent += 1
      if !isTaken, !state.isStopped {
        for var parcel in parcels {
          let delay = min(timing.longest, timing.base << min(Int64(parcel.attempts), 20))
          parcel.attempts += 1
          parcel.due = Self.now() + delay
          state.waiting.append(parcel)
        }
      }
      guard state.waiting.isEmpty, state.inFlight == 0 else { return [] }
      defer { state.watchers = [] }
      return state.watchers
    }
    for watcher in watchers { watcher.resume() }
    kick()
  }
}
