/// What opening a queue found and did. All is well when `damage` is empty; a torn tail alone is what a power cut leaves
/// behind, and nobody was told that it was stored.
public struct RecoveryReport: Sendable, Equatable {
  public var segments = 0
  /// Events that are in the log.
  public var events: UInt64 = 0
  /// Leases that the end of the process before cut short.
  public var interruptedLeases = 0
  /// In the order of the log.
  public var damage: [Damage] = []

  /// True where something is missing that somebody was told is stored.
  public var isCorrupt: Bool { damage.contains { $0.kind != .tornTail && $0.kind != .run } }

  public init() {}
}

public struct Damage: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// A write that was cut short; dropped whole.
    case tornTail
    /// Bytes that are no batch, where one should be.
    case unreadable
    /// A batch whose body is not what was written; its whole records were delivered.
    case body
    /// A batch, valid in itself, that does not follow the one before.
    case chain
    /// Records that are whole, and are not what was written with the segment's key; the others were delivered.
    case notAuthentic
    /// Records of an encrypted segment whose key file is missing or damaged. They can be read once it is back.
    case key
    /// What a finished segment says at its end is not what is in it.
    case seal
    /// A file that is no segment of this log, or not where it belongs.
    case segment
    /// An identity run that is damaged, or another log's: put aside. What it held is made anew from the log.
    case run
    /// An identity run is missing and so are its segments: a duplicate of one of these sequences would be stored again.
    case identities
  }

  public var kind: Kind
  /// The segment's file name.
  public var segment: String
  public var offset: UInt64
  public var length: UInt64
  /// Sequences that were there and cannot be read, as far as that is known. For a torn tail: those that were dropped.
  public var sequences: [ClosedRange<UInt64>]
  /// The file that holds a copy of the damaged bytes.
  public var copy: String?

  init(
    _ kind: Kind, _ segment: String, _ range: Range<Int>, sequences: [ClosedRange<UInt64>] = [], copy: String? = nil
  ) {
    self.kind = kind
    self.segment = segment
    offset = UInt64(range.lowerBound)
    length = UInt64(range.count)
    self.sequences = sequences
    self.copy = copy
  }
}
