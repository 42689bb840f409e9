import Formats

/// Why something did not happen, in a form that a person can act on and a program can group by.
///
/// The sentence names things; values that were quoted from a record stand apart in `quoted`, so that they can be masked.
public struct Reason: Hashable, Sendable, CustomStringConvertible {
  public enum Class: String, Sendable, CaseIterable {
    case authentication, limit, busy, timeOut = "time-out", validation, reference, permission, conflict, configuration
    case unavailable, internalError = "internal"
    case none
  }

  /// The code the system gave, or ours in kebab case: `UNABLE_TO_LOCK_ROW`, `reference-missing`.
  public var code: String
  public var kind: Class
  public var side: Side?
  public var record: RecordID?
  public var field: String?
  /// The record that has to be settled first: what is held for it is tried again once that is done.
  public var needs: RecordID?
  /// One sentence. `{0}`, `{1}` … stand where `quoted` belongs.
  public var sentence: String
  public var quoted: [String]

  public init(
    _ code: String, _ kind: Class, _ sentence: String, quoted: [String] = [], side: Side? = nil,
    record: RecordID? = nil, field: String? = nil, needs: RecordID? = nil
  ) {
    self.code = code
    self.kind = kind
    self.sentence = sentence
    self.quoted = quoted
    self.side = side
    self.record = record
    self.field = field
    self.needs = needs
  }

  /// The sentence with its quoted values in place.
  public var description: String { filled { $0 } }

  /// The sentence for logs: the quoted values are left out.
  public var masked: String { filled { _ in "…" } }

  private func filled(_ show: (String) -> String) -> String {
    var text = ""
    var rest = sentence[...]
    while let open = rest.firstIndex(of: "{") {
      text += rest[..<open]
      let after = rest.index(after: open)
      guard let close = rest[after...].firstIndex(of: "}"),
        let number = UInt8(rest[after..<close]), Int(number) < quoted.count
      else {
        text += "{"
        rest = rest[after...]
        continue
      }
      text += show(quoted[Int(number)])
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }
}

/// What a connector says when a call did not work, and nothing more: the retry policy chooses the time.
public enum Failure: Error, Hashable, Sendable {
  /// Whose fault it is for now. Only `.event` counts as the event's attempt.
  public enum Scope: Hashable, Sendable { case event, destination }

  /// It may work later; `after` is what the system asked for, in seconds.
  case later(after: Int64?, Scope, Reason)
  /// It will never work as it is.
  case never(Reason)
  /// Sent and not answered: look before writing again.
  case unknown(Reason)
  /// Waits for a person or a change outside.
  case held(Reason)

  public var reason: Reason {
    switch self {
    case .later(_, _, let reason), .never(let reason), .unknown(let reason), .held(let reason): reason
    }
  }
}
