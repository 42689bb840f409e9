import Client
import Events
import Posix

/// Whether a request changes anything: it decides what an unanswered one means.
enum Purpose: Sendable { case read, write, signIn }

extension ClientError {
  /// A failure of the way there is the destination's, whatever was asked; one after sending leaves a write unknown.
  func failure(_ purpose: Purpose, _ side: Side, _ system: String) -> Failure {
    switch self {
    case .refused(let why):
      return .never(
        Reason("call-refused", .configuration, "A call to \(system) was not made: \(why).", side: side))
    case .notSent(let why):
      return .later(
        after: nil, .destination,
        Reason("not-reached", .unavailable, "\(system) was not reached: \(why).", side: side))
    case .unanswered(let why):
      let reason = Reason("unanswered", .timeOut, "\(system) was called and did not answer: \(why).", side: side)
      return purpose == .write ? .unknown(reason) : .later(after: nil, .destination, reason)
    case .tooLarge(let limit):
      let reason = Reason(
        "answer-too-large", .validation, "\(system) answered with more than \(limit) bytes.", side: side)
      return purpose == .write ? .unknown(reason) : .never(reason)
    }
  }
}

/// Counts calls.
final class CallCounter: Sendable {
  private let count = Lock(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}

extension FieldValue {
  /// What a system's answer has where nothing is known of the field: a number stays one, text stays text.
  var plain: String? {
    switch self {
    case .null: nil
    case .bool(let value): value ? "true" : "false"
    case .number(let number): number.description
    case .text(let text): text
    case .date(let date): date.description
    case .instant(let instant): instant.description
    case .reference(let id, let name): id ?? name
    }
  }
}
