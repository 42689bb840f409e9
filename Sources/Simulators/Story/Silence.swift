extension SalesforceSimulator {
  /// Changes records without a message: as it was before anybody set the messages up.
  public func silently<Result>(_ body: () throws -> Result) rethrows -> Result {
    let messages = state.withLock { state in
      defer { state.messages = [] }
      return state.messages
    }
    defer { deliver(messages) }
    return try body()
  }
}
