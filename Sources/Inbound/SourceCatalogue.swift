import Formats

/// The kinds of webhook there are.
public enum SourceCatalogue {
  static let builders: [(name: String, build: Builder)] = [
    (
      "salesforce-outbound-message",
      { (settings, verifier) throws(SettingsProblem) in
        try OutboundMessageSource(settings, verifier)
      }
    ),
    (
      "salesforce-event",
      { (settings, verifier) throws(SettingsProblem) in
        try SalesforceEventSource(settings, verifier)
      }
    ),
    ("netsuite", { (settings, verifier) throws(SettingsProblem) in try NetSuiteSource(settings, verifier) }),
    ("json", { (settings, verifier) throws(SettingsProblem) in try JSONSource(settings, verifier) }),
  ]

  typealias Builder = @Sendable (SourceSettings, Verifier) throws(SettingsProblem) -> any Source

  public static var kinds: [String] { builders.map(\.name) }

  /// Opens an endpoint: reads its secrets and keys.
  ///
  /// - Parameter tokens: shared by all endpoints of a process, so that what it knows can survive a restart.
  public static func open(
    _ settings: SourceSettings, tokens: TokenMemory = TokenMemory()
  ) throws(SettingsProblem) -> any Source {
    if let problem = problems(with: settings).first(where: { !$0.isWarning }) { throw problem }
    guard let build = builder(settings.kind) else { throw unknownKind(settings) }
    return try build(settings, try Verifier(settings.verify ?? .all([]), endpoint: settings.name, tokens: tokens))
  }

  /// Everything that is wrong or doubtful, without reading any secret.
  public static func problems(with settings: SourceSettings) -> [SettingsProblem] {
    guard let build = builder(settings.kind) else { return [unknownKind(settings)] }
    var problems = Verification.problems(with: settings.verify)
    do throws(SettingsProblem) {
      _ = try build(settings, Verifier.refusingAll)
    } catch {
      problems.append(error)
    }
    if settings.kind == "json", settings.id == nil {
      problems.append(
        SettingsProblem(
          "id", "without an id, and where the sender sends no webhook-id, retries cannot be told apart", isWarning: true
        ))
    }
    return problems
  }

  private static func builder(_ kind: String) -> Builder? { builders.first { $0.name == kind }?.build }

  private static func unknownKind(_ settings: SourceSettings) -> SettingsProblem {
    SettingsProblem("kind", "there is no such kind; there are \(kinds.joined(separator: ", "))")
  }
}
