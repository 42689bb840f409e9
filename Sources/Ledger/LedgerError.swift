import GRDB

/// Why the ledger did not answer.
public enum LedgerError: Error, Hashable, Sendable {
  /// The file is no database, or its content is broken.
  case damaged(String)
  /// The file was written by a later version of this program.
  case newer
  /// Storage refuses; the text says how.
  case storage(String)

  init(_ error: any Error) {
    switch error {
    case let error as LedgerError: self = error
    case let error as DatabaseError:
      // The statement and its arguments stay out: they hold values of records.
      let message = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
      switch error.resultCode {
      case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .damaged(message)
      default: self = .storage(message)
      }
    default: self = .storage("\(Swift.type(of: error))")
    }
  }
}
