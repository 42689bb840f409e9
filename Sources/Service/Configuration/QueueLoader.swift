import Flows

/// How the queue uses its disk.
public struct QueueRoom: Sendable, Equatable {
  /// Bytes of the parts that the log is written in.
  public var segment = 64 << 20
  /// Bytes that are left free for others: where less would be left, intake stops.
  public var keepFree = 128 << 20
}

/// Reads `queue:`.
struct QueueLoader {
  let problems: Problems

  func room(_ node: ConfigNode?) -> QueueRoom {
    var room = QueueRoom()
    guard let map = node?.map(known: ["segment", "keep-free"], problems) else { return room }
    if let node = map["segment"], let bytes = node.bytes(problems) {
      if Self.segments.contains(bytes) {
        room.segment = bytes
      } else {
        problems.report(node.place, "`segment`: expected 4MiB to 1GiB")
      }
    }
    if let node = map["keep-free"], let bytes = node.bytes(problems) { room.keepFree = bytes }
    return room
  }

  private static let segments = 4 << 20...1 << 30
}
