extension Function {
  /// NetSuite refuses a web address without its scheme; Salesforce takes both.
  static let url = Function(
    "url", "url(text)",
    "The web address with its scheme: http:// is put before one that has none; a blank stays blank.",
    example: ("url('www.acme.com') + url('https://acme.com')", "'http://www.acme.comhttps://acme.com'"),
    Form(.textOrBlank, keepingBlank: .string)
  ) { arguments, _ throws(EvaluationError) in
    guard let text = try arguments.textOrBlank(0)?.trimmed, !text.isEmpty else { return .null }
    let schemes = ["http://", "https://", "ftp://"]
    return .string(schemes.contains { text.lowercased().hasPrefix($0) } ? text : "http://" + text)
  }
}
