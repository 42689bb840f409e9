import Posix
import Support

@testable import Queue

/// A duplicate memory with its files and the log that it is made anew from, beside a dictionary that forgets nothing.
///
/// The log is as the writer's is: what is in it is durable, and it loses its beginning only where the memory says that
/// all of that is in durable runs.
struct IdentityWorld {
  struct Known {
    let identity: Identity
    let time: Int64
  }

  static let folder = "/ids"
  static let window: Int64 = 80_000
  static let key = IdentityKey(low: 3, high: 5)

  var bounds = IdentityBounds()
  private(set) var memory: DuplicateMemory
  private(set) var base: FaultyDisk
  private(set) var disk: any Disk
  /// A bug between the files and the disk.
  let bug: PlantedDisk.Bug?
  var time: Int64 = 1_000_000
  private(set) var next: UInt64 = 1

  private(set) var log: [Known] = []
  private(set) var logBegins: UInt64 = 1
  private(set) var model: [UInt64: [Known]] = [:]
  /// What is not as it has to be.
  var wrong: [String] = []

  init(bounds: IdentityBounds, bug: PlantedDisk.Bug? = nil) {
    self.bounds = bounds
    self.bug = bug
    base = FaultyDisk()
    disk = base
    memory = DuplicateMemory(window: Self.window, key: Self.key, bounds: bounds)
    attach(base)
  }

  private mutating func attach(_ fresh: FaultyDisk) {
    base = fresh
    if let bug { disk = PlantedDisk(fresh, bug) } else { disk = fresh }
  }

  private var files: IdentityFiles { IdentityFiles(disk: disk, folder: Self.folder, key: Self.key) }

  // MARK: events

  /// An event comes: it is looked up and, where it is not known, appended to the log.
  mutating func arrive(_ id: UInt64, body: UInt64) {
    let identity = Identity(id: id, body: body, sequence: next)
    let found = memory.look(identity)
    judge(found, identity)
    if case .duplicate = found { return }
    let known = Known(identity: identity, time: time)
    log.append(known)
    model[id, default: []].append(known)
    memory.insert(identity, at: time)
    next += 1
  }

  /// A record that is no event.
  mutating func skip() { next += 1 }

  var checkpoint: IdentityCheckpointBytes {
    var bytes: [UInt8] = []
    memory.unwritten(through: next - 1).encode(into: &bytes)
    return IdentityCheckpointBytes(bytes: bytes, through: next - 1)
  }

  /// What is in the window must be known; what is an eighth beyond it must not be.
  private mutating func judge(_ found: Familiarity, _ identity: Identity) {
    let all = model[identity.id] ?? []
    let inside = all.filter { $0.time >= time - Self.window }
    let possible = all.filter { $0.time >= time - Self.window - memory.longestSpan }
    let isRight =
      switch found {
      case .duplicate(let sequence):
        possible.contains { $0.identity.sequence == sequence && $0.identity.body == identity.body }
      case .conflicting:
        !inside.contains { $0.identity.body == identity.body }
          && possible.contains { $0.identity.body != identity.body }
      case .unknown: inside.isEmpty
      case .uncertain: false
      }
    if !isRight { wrong.append("\(identity.id) at \(time): \(found), of \(inside)") }
  }

  // MARK: the files

  mutating func freeze() { memory.freeze(through: next - 1, at: time) }

  /// Does one job; false where there is none.
  @discardableResult
  mutating func work() -> Bool {
    guard let job = memory.nextJob(at: time) else { return false }
    memory.finish(files.perform(job), at: time)
    return true
  }

  /// Deletes all of the log that the memory does not need.
  mutating func trim() {
    let begin = min(memory.durableThrough + 1, next)
    guard begin > logBegins else { return }
    logBegins = begin
    log.removeAll { $0.identity.sequence < begin }
  }

  /// Begins a job and crashes before one of its storage calls, or after the last.
  mutating func crash(beforeCall number: Int, seed: UInt64) {
    guard let job = memory.nextJob(at: time) else { return restart(base.image.afterCrash(seed: seed)) }
    let taken = Lock<DiskImage?>(nil)
    let start = base.calls
    base.watch { call, _, disk in
      let image = disk.image
      if call == start + number { taken.withLock { $0 = image } }
      return nil
    }
    _ = files.perform(job)
    base.watch(nil)
    restart((taken.withLock { $0 } ?? base.image).afterCrash(seed: seed))
  }

  /// With a checkpoint, only what follows it is read of the log.
  mutating func restart(_ fresh: FaultyDisk, from checkpoint: IdentityCheckpointBytes? = nil) {
    attach(fresh)
    let (again, lost) = open(from: checkpoint)
    memory = again
    if !lost.isEmpty { wrong.append("lost \(lost.map { "\($0)" }) at \(time)") }
    let limit = memory.bounds.runs * 3
    if memory.runs.count > limit { wrong.append("\(memory.runs.count) runs") }
  }

  /// What a start makes of the disk and the log.
  func open(from checkpoint: IdentityCheckpointBytes?) -> (DuplicateMemory, lost: [ClosedRange<UInt64>]) {
    var again = DuplicateMemory(window: Self.window, key: Self.key, bounds: bounds)
    do {
      let loaded = try LoadedRuns(disk, Self.folder, key: Self.key)
      again.begin(with: loaded, logBegins: logBegins)
      if let checkpoint, !again.restore(checkpoint) { return (again, [0...0]) }
      for known in log {
        let sequence = known.identity.sequence
        let isMissing = again.gaps.contains { $0.first <= sequence && sequence <= $0.last }
        if isMissing || sequence > checkpoint?.through ?? 0 { again.insert(known.identity, at: known.time) }
      }
      let lost = again.end(logBegins: logBegins, at: time)
      try loaded.tidy(disk, Self.folder)
      return (again, lost)
    } catch {
      return (again, [0...0])
    }
  }

  /// Looks for everything that was ever there, and for some that never was.
  mutating func lookForAll() {
    for known in model.values.joined() {
      var identity = known.identity
      judge(memory.look(identity), identity)
      identity.body ^= 1 << 40
      judge(memory.look(identity), identity)
    }
  }
}

struct IdentityCheckpointBytes {
  let bytes: [UInt8]
  let through: UInt64
}

extension DuplicateMemory {
  mutating func restore(_ checkpoint: IdentityCheckpointBytes) -> Bool {
    checkpoint.bytes.withUnsafeBytes { all in
      var reader = PayloadReader(all)
      guard let parts = [FrozenIdentities](&reader) else { return false }
      restore(parts)
      return true
    }
  }
}
