import Events

/// What can be chosen when a queue is opened. The defaults are meant for production.
public struct QueueOptions: Sendable {
  /// Why nobody will ever want an event; nil where somebody may. What nobody wants is done in the batch that appends it.
  public var unwanted: (@Sendable (Event) -> Reason?)?
  /// Which systems the runs of a flow read and write; without it a pause of a system holds back only what comes from it.
  public var destinations: (@Sendable (String) -> [System])?
  /// Bytes of a segment. One that must hold a larger batch is larger.
  public var segmentSize: UInt64 = 64 << 20
  /// Bytes at the end of the last segment that only settling may use, so that a full queue can drain.
  public var reserve: UInt64 = 4 << 20
  /// No new segment is begun where less than this, in bytes, would be left free.
  public var minimumFree: UInt64 = 128 << 20
  /// Seconds for which identities are remembered at least.
  public var duplicateWindow: Int64 = 7 * 86_400
  /// Identities in memory before they are written to a file; three quarters of a power of two waste nothing.
  public var identitiesInMemory = 196_608
  /// Milliseconds after which a lease ends that nobody extended.
  public var leaseDuration: Int64 = 120_000
  /// An event is dead after so many deaths of the process in a row that it was leased at alone, or as the one suspect.
  public var deathsUntilDead: UInt32 = 3
  /// Milliseconds that an event waits after the first death that counts against it; sixty times that after the next.
  public var suspectDelay: Int64 = 1_000
  /// Milliseconds without a write after which the log says that all of it is synced.
  public var idleDelay: Int64 = 50
  /// How long settled events stay.
  public var retention = Retention()
  /// Bytes of log behind the last checkpoint after which an idle queue, or one that begins a new segment, writes another.
  /// At least as many as the last one had itself: a checkpoint is never most of what is written.
  public var checkpointAfter: UInt64 = 16 << 20
  /// Bytes of what one call appends, names and payloads; more is refused as `.tooLarge`.
  public var maximumAppend: Int = 34 << 20
  /// Bytes of events that may wait for the writer; more are refused as `.full`.
  public var maximumWaiting: Int = 64 << 20
  /// Keys that records are encrypted with on disk; none: they are not.
  public var encryption = QueueEncryption()
  /// Take a file system that is not known to keep what it synced (a network's, a user-space one).
  public var allowsUnknownFileSystem = false
  /// Seconds in which all sealed segments are read again, one after the other.
  public var scrubTime: Int64 = 7 * 86_400
  /// Called on the writer's thread for what reading sealed segments again found. It is in `damageFound` too.
  public var onDamage: (@Sendable (Damage) -> Void)?
  /// Called once, on the writer's thread, when storage has failed for good and the process has to end; everybody who
  /// waited has been answered by then.
  public var onFailure: (@Sendable (QueueError) -> Void)?

  public init() {}
}

enum Limits {
  /// A batch takes no further call beyond this many bytes.
  static let batch = 4 << 20
  /// Bytes of a name of an event: they have 16 bits in the format.
  static let name = 65_535
  /// Bytes of what says that an event is done with its append.
  static let ending = 512
  /// Bytes of an event's body, unpacked.
  static let body = 64 << 20
  /// Bytes of a note, and notes of one event.
  static let note = 4096
  static let notes = 256
  /// Sequences in one record of a change.
  static let changePart = 1 << 20
  /// Nanoseconds between two counts of what is there, at least.
  static let recount: Int64 = 60_000_000_000
  /// Rows that a reader takes at once.
  static let readPart = 256
  /// Open segments of the reader.
  static let openSegments = 16
  /// How many times longer an event waits after the second death that counts against it than after the first.
  static let secondSuspicion: Int64 = 60
  /// Nanoseconds after which the writer looks at the wall clock again although nothing happened.
  static let clockCheck: Int64 = 1_000_000_000
}
