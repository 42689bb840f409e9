/// What the queue asks of storage: real (`RealDisk`), or simulated with every fault a disk has (`FaultyDisk`).
///
/// Paths are plain; a call either does all it was asked or throws. Nothing is durable before the call that makes it
/// so: `sync` for a file's bytes and length, `syncFolder` for the names in a folder (fsync(2): a file's sync "does not
/// necessarily ensure that the entry in the directory has also reached disk").
public protocol Disk: Sendable {
  /// Makes the folder, and those above it, where they are missing.
  func createFolder(_ path: String) throws(DiskError)
  /// The descriptor is closed on exec and never one of 0, 1, 2: a stray print to a closed standard stream must not land
  /// in the log.
  func open(_ path: String, _ mode: DiskMode) throws(DiskError) -> DiskFile
  func close(_ file: DiskFile)
  /// Writes all bytes at `offset`, or throws; what was written before an error is undefined.
  func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: UInt64) throws(DiskError)
  /// Reads until `bytes` is full or the file ends; says how many.
  func read(_ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer) throws(DiskError) -> Int
  func size(_ file: DiskFile) throws(DiskError) -> UInt64
  /// fdatasync(2). After an error the bytes are gone, whatever a later call says: never ask again.
  func sync(_ file: DiskFile) throws(DiskError)
  /// fsync(2).
  func syncAll(_ file: DiskFile) throws(DiskError)
  /// Makes the file `size` bytes long, its blocks reserved, so that writing them cannot fail for want of space.
  func allocate(_ file: DiskFile, size: UInt64) throws(DiskError)
  func truncate(_ file: DiskFile, to size: UInt64) throws(DiskError)
  func rename(_ from: String, to: String) throws(DiskError)
  /// A second name for a file; `DiskError.isElsewhere` where there can be none.
  func link(_ from: String, to: String) throws(DiskError)
  func unlink(_ path: String) throws(DiskError)
  /// Names in the folder, `.` and `..` left out, in no order.
  func list(_ folder: String) throws(DiskError) -> [String]
  func syncFolder(_ path: String) throws(DiskError)
  /// Bytes that an ordinary user may still write.
  func freeSpace(_ path: String) throws(DiskError) -> UInt64
  /// The name of the file system, or nil where it is not one of those that are known to keep what they synced.
  func fileSystem(_ path: String) throws(DiskError) -> String?
  /// Takes the lock without waiting; `DiskError.isLocked` where another holds it.
  func lock(_ path: String) throws(DiskError) -> any DiskLock
}

/// An open file of a disk; the number means something to that disk only.
public struct DiskFile: Hashable, Sendable {
  public let number: Int32
  public init(number: Int32) { self.number = number }
}

public enum DiskMode: Sendable {
  case read
  /// An existing file, for reading and writing.
  case write
  /// A new file; an error where one is.
  case create
  /// A file of no bytes, new or emptied.
  case replace
}

/// Held until released or the process ends.
public protocol DiskLock: AnyObject, Sendable {
  func release()
}

/// Which call failed, on which path, with which error.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
  public let call: String
  public let path: String
  public let code: Errno

  public init(_ call: String, _ path: String, _ code: Errno) {
    self.call = call
    self.path = path
    self.code = code
  }

  public var description: String { path.isEmpty ? "\(call): \(code)" : "\(call) \(path): \(code)" }

  /// No room (ENOSPC) or no more room for this user (EDQUOT).
  public var isFull: Bool { code == .noSpace || code == .quota }
  public var isLocked: Bool { code == .wouldBlock }
  public var isMissing: Bool { code == .noSuchFile }
  /// Another file system, or one that gives a file no second name.
  public var isElsewhere: Bool { [.otherFileSystem, .notPermitted, .notSupported, .tooManyLinks].contains(code) }
}

extension Errno {
  /// EDQUOT.
  public static let quota = Errno(rawValue: 122)
  /// EXDEV.
  public static let otherFileSystem = Errno(rawValue: 18)
  /// EPERM.
  public static let notPermitted = Errno(rawValue: 1)
  /// EOPNOTSUPP.
  public static let notSupported = Errno(rawValue: 95)
  /// EMLINK.
  public static let tooManyLinks = Errno(rawValue: 31)
}
