import Events
import Formats

/// One side of an entity: reads afresh, and writes so that a repeat is harmless.
///
/// Every connector passes `Tests/ConnectorsTests/ConnectorContract.swift`. It never retries by itself, but for one fresh token
/// after a refused one: the dispatcher's retry policy is the only layer that repeats.
public protocol Connector: Sendable {
  var system: System { get }
  var schema: Schema { get }

  /// The record as it is now; nil where there is none (deleted, or never was). Every field of the shape is in the answer.
  func read(_ id: RecordID, _ shape: RecordShape) async throws(Failure) -> Record?

  /// Records of a type in which all these fields have these values, at most `limit`, by id.
  func find(_ type: String, where fields: [String: FieldValue], limit: Int, _ shape: RecordShape)
    async throws(Failure) -> [Record]

  /// The fewest types under which records of all of these can be read: the types themselves, unless the system reads
  /// several as one. What comes back names the type it really has.
  func typesToRead(_ types: [String]) -> [String]

  /// A query in the system's own language (SOQL, SuiteQL) with `?` for each parameter. Column names are lower case for
  /// NetSuite, as written for Salesforce.
  func query(_ text: String, _ parameters: [FieldValue]) async throws(Failure) -> [[String: FieldValue]]

  /// Returns the record's id. A create whose external id is taken answers `.never` with the code `external-id-taken`;
  /// the caller looks who has it.
  func write(_ write: RecordWrite) async throws(Failure) -> RecordID

  /// API calls made since start, sign-in included.
  var calls: Int { get }
}

extension Connector {
  public func typesToRead(_ types: [String]) -> [String] { types }
}
