import Events

/// Why a run, or a routing, did not come to its end.
struct Stop: Error {
  enum Cause {
    case failed(Failure)
    /// Another run has one of the records at this moment.
    case busy
  }

  let cause: Cause
  /// The connection that failed.
  var connection: String?

  init(_ failure: Failure, at connection: String?) {
    cause = .failed(failure)
    self.connection = connection
  }

  static let busy = Stop()

  private init() {
    cause = .busy
  }
}
