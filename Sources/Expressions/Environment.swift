import Formats

/// The variables of an evaluation. A lazy one reads a record only when it is asked for.
public protocol Bindings: Sendable {
  /// The value of a variable; nil if there is none of this name.
  func value(of variable: String) throws(EvaluationError) -> Value?
}

/// Variables that are at hand.
public struct Variables: Bindings {
  public var values: [String: Value]

  public init(_ values: [String: Value] = [:]) { self.values = values }

  public func value(of variable: String) -> Value? { values[variable] }
}

/// What lies outside of an expression: the clock, tables, names and links. The caller gives it, so that evaluation is pure.
///
/// An answer that is still to be fetched is an error of the kind `.pending`.
public protocol Environment: Sendable {
  var now: Instant? { get }
  /// Of the account's or the organization's time zone.
  var today: CalendarDate? { get }
  /// The partner of a value in a table of the configuration; `.null` for what its `unknown` says is blank.
  func table(_ name: String, _ value: Value) throws(EvaluationError) -> Value
  /// The name that this environment has for `name` (`values:`), or the name itself.
  func named(_ name: String) throws(EvaluationError) -> Value
  /// The other side's id of an entity's record; `.null` if it is not linked.
  func link(_ entity: String, _ id: Value) throws(EvaluationError) -> Value
}

extension Environment {
  public var now: Instant? { nil }
  public var today: CalendarDate? { now?.date }
  public func table(_ name: String, _ value: Value) throws(EvaluationError) -> Value {
    throw EvaluationError(.missing, "tables are not known here")
  }
  public func named(_ name: String) throws(EvaluationError) -> Value {
    throw EvaluationError(.missing, "names of the environment are not known here")
  }
  public func link(_ entity: String, _ id: Value) throws(EvaluationError) -> Value {
    throw EvaluationError(.missing, "links are not known here")
  }
}

/// No clock, no tables, no links.
public struct NoEnvironment: Environment {
  public init() {}
}

/// A clock that stands still, and nothing else.
public struct ClockEnvironment: Environment {
  public let now: Instant?
  public let today: CalendarDate?

  public init(now: Instant, today: CalendarDate? = nil) {
    self.now = now
    self.today = today ?? now.date
  }
}
