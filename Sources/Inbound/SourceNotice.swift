/// Something doubtful in what a sender sends: a person should look at the settings. Names only, never a value.
public struct SourceNotice: Hashable, Sendable {
  public let endpoint: String
  /// For counters, in kebab case.
  public let code: String
  /// What it is about: `Account.Fax`.
  public let subject: String
  public let sentence: String

  public init(endpoint: String, code: String, subject: String, sentence: String) {
    self.endpoint = endpoint
    self.code = code
    self.subject = subject
    self.sentence = sentence
  }
}
