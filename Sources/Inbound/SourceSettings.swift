import Web

/// An endpoint as it is configured. Secrets are named here and read when the endpoint is opened.
public struct SourceSettings: Sendable {
  /// The endpoint's name.
  public var name: String
  /// One of `SourceCatalogue.kinds`.
  public var kind: String
  /// Salesforce: 15 or 18 characters.
  public var organization: String?
  /// NetSuite.
  public var account: String?
  /// JSON, and platform events that bring no identity: a CEL expression over `body` and `headers`, or `body-hash`.
  public var id: String?
  /// The same for the order key.
  public var key: String?
  /// Bytes that a body may have; nil: what the kind allows.
  public var bodyLimit: Int?
  /// The same for endpoints that say nothing of it.
  public var usualBodyLimit = BodyLimits.default.bytes
  /// Whether a body may come compressed with gzip.
  public var gzip = false
  /// Nil: the endpoint says nothing of it, which is refused.
  public var verify: Verify?
  /// Change events by entity, for bitmaps of the Pub/Sub API. Of other entities they are read by the body's own fields.
  public var changeEventFields: [String: [ChangeEventField]]
  /// Outbound messages: which fields their authors selected.
  public var fieldLists = FieldLists.none
  /// Told of what is doubtful in a request that is taken all the same; as often as it happens.
  public var notice: @Sendable (SourceNotice) -> Void = { _ in }

  public enum Verify: Sendable {
    /// `verify: none`.
    case nothing
    /// Every one must hold.
    case all([Verification])
  }

  public init(
    name: String, kind: String, organization: String? = nil, account: String? = nil, id: String? = nil,
    key: String? = nil, verify: Verify? = nil, changeEventFields: [String: [ChangeEventField]] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.organization = organization
    self.account = account
    self.id = id
    self.key = key
    self.verify = verify
    self.changeEventFields = changeEventFields
  }

  /// `least`: the bytes that a body of the kind may have whatever is usual.
  func bodyLimits(atLeast least: Int = 0) -> BodyLimits {
    BodyLimits(bytes: bodyLimit ?? max(usualBodyLimit, least), gzip: gzip)
  }
}
