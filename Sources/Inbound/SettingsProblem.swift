/// What is wrong with an endpoint's settings, or merely doubtful.
public struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where in the endpoint's settings, key by key, places of lists counted from 0: `verify`, `0`, `hmac`, `signed`.
  public let path: [String]
  public let message: String
  public let isWarning: Bool

  public init(_ place: String, _ message: String, isWarning: Bool = false) {
    self.init([place], message, isWarning: isWarning)
  }

  public init(_ path: [String], _ message: String, isWarning: Bool = false) {
    self.path = path
    self.message = message
    self.isWarning = isWarning
  }

  /// The same, where what it is about stands inside something.
  func inside(_ outer: [String]) -> SettingsProblem { SettingsProblem(outer + path, message, isWarning: isWarning) }

  /// The key in the endpoint's settings: `verify`, `organization`, `id`.
  public var place: String { path.first ?? "" }

  public var description: String { "\(place): \(message)" }
}
