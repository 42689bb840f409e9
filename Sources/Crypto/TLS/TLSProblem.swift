/// Why TLS cannot be served with what was given: one sentence that names the file, what is wrong with it and what would
/// be right. Says nothing of a key but its kind and size.
public struct TLSProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  init(_ file: TLSSettings.Text, _ what: String) { description = "\(file.name): \(what)" }
}
