import Posix

// The part of a recovery that is about who was seen already.

extension Recovery {
  /// Finds the runs that were written with the log's identity key; after the heads were read and before the rest.
  mutating func beginIdentities(_ segments: [String]) throws {
    let loaded = try LoadedRuns(disk, folder, key: state.duplicates.key)
    if let (name, version) = loaded.newer {
      throw QueueError.storage(
        "\(name) has format version \(version); this program reads \(IdentityRunFormat.version)")
    }
    state.duplicates.begin(with: loaded, logBegins: Self.begin(segments))
    for name in loaded.damaged { report.damage.append(Damage(.run, name, 0..<0)) }
    runs = loaded
  }

  /// Names what is lost, and has the rest made anew; after the log was read.
  mutating func endIdentities(_ segments: [String]) throws {
    for lost in state.duplicates.end(logBegins: Self.begin(segments), at: time) {
      report.damage.append(
        Damage(.identities, IdentityRunFormat.name(lost.lowerBound), 0..<0, sequences: [lost]))
    }
    var lost = report.damage.filter { $0.kind != .identities }.flatMap(\.sequences)
    let next = state.duplicates.first
    if next > nextSequence {
      // The log ends before what was in it: its end was lost.
      lost.append(nextSequence...next - 1)
      nextSequence = next
    }
    state.duplicates.lost = lost
    try runs?.tidy(disk, folder)
  }

  static func begin(_ segments: [String]) -> UInt64 { segments.first.flatMap { Format.firstSequence($0) } ?? 1 }
}
