import Logging
import Queue

/// Looks whether every event that was received is accounted for, and raises the alarm where one is not.
struct Audit: Sendable {
  let queue: any EventQueue
  let log: Logger
  /// Seconds between two looks.
  private static let pause = 60

  /// Until the task is cancelled.
  func run() async {
    var last: Int64 = 0
    while !Task.isCancelled {
      last = await look(last)
      try? await Task.sleep(for: .seconds(Self.pause))
    }
  }

  /// Says it once for each difference that is new.
  func look(_ last: Int64) async -> Int64 {
    let difference = await queue.counts().unaccounted
    if difference != 0, difference != last {
      log.critical("events are not accounted for", metadata: ["difference": "\(difference)"])
    }
    return difference
  }
}
