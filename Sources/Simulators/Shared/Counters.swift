import Formats

/// What was written how often, so that a test can say that nothing was doubled.
public struct Counters: Sendable, Hashable {
  /// API calls, sign-in included.
  public internal(set) var calls = 0
  /// Writes through the API by record: `Account 001…`, `salesOrder 1001`.
  public internal(set) var writes: [String: Int] = [:]
  /// Records made by external id: `salesOrder crm-006…`, `Account.NetSuite_Id__c 101`.
  public internal(set) var creates: [String: Int] = [:]

  /// External ids under which more than one record was ever made.
  public var doubled: [String] { creates.filter { $0.value > 1 }.map(\.key).sorted() }

  mutating func wrote(_ record: String) { writes[record, default: 0] += 1 }
  mutating func created(_ key: String) { creates[key, default: 0] += 1 }

  var json: JSON {
    func object(_ counts: [String: Int]) -> JSON {
      var object: JSONObject = [:]
      for (key, count) in counts.sorted(by: { $0.key < $1.key }) { object[key] = .number(Int64(count)) }
      return .object(object)
    }
    return [
      "calls": .number(Int64(calls)), "writes": object(writes), "creates": object(creates),
      "doubled": .array(doubled.map { .string($0) }),
    ]
  }
}
