import Formats
import Synchronization

/// How often a key of an endpoint proved a request, and when last: what tells that a rotation can be finished.
public final class KeyUse: Sendable {
  /// The entry of `verify`: `hmac`.
  public let entry: String
  /// The key, as the configuration names it: `env:EVENT_SECRET`.
  public let key: String
  private let counted: Atomic<UInt64>
  /// Milliseconds since 1970; 0: never.
  private let last: Atomic<Int64>

  init(entry: String, key: String) {
    self.entry = entry
    self.key = key
    counted = Atomic(0)
    last = Atomic(0)
  }

  /// Requests that it proved.
  public var count: UInt64 { counted.load(ordering: .relaxed) }

  /// When it last proved one.
  public var lastUsed: Instant? {
    let milliseconds = last.load(ordering: .relaxed)
    return milliseconds == 0 ? nil : Instant(millisecondsSince1970: milliseconds)
  }

  /// Two atomic writes, from any thread. Which of two requests of the same moment is the last one does not matter.
  func record(at now: Instant) {
    counted.wrappingAdd(1, ordering: .relaxed)
    last.store(now.millisecondsSince1970, ordering: .relaxed)
  }

  /// Adds what was counted before a restart.
  public func restore(count: UInt64, lastUsed: Instant?) {
    counted.wrappingAdd(count, ordering: .relaxed)
    guard let lastUsed else { return }
    last.store(max(lastUsed.millisecondsSince1970, last.load(ordering: .relaxed)), ordering: .relaxed)
  }
}

extension KeyUse: Hashable, CustomStringConvertible {
  public static func == (left: KeyUse, right: KeyUse) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  public var description: String { "\(entry) \(key)" }
}
