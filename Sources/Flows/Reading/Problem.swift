/// Something wrong with the configuration, and where: `entities/customer.yaml:12: …`.
public struct Problem: Error, Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Relative to the configuration folder.
  public var file: String
  /// From 1; 0 where the whole file is meant.
  public var line: Int
  public var message: String

  public init(file: String, line: Int, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  public var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }

  public static func < (left: Problem, right: Problem) -> Bool {
    (left.file, left.line, left.message) < (right.file, right.line, right.message)
  }
}

/// Collects what is wrong while a configuration is read, so that a person sees all of it at once.
public final class Problems {
  private var found: Set<Problem> = []

  public init() {}

  /// By file and line, each once.
  public var list: [Problem] { found.sorted() }
  public var isEmpty: Bool { found.isEmpty }
  public var count: Int { found.count }

  public func report(_ problem: Problem) { found.insert(problem) }

  public func report(_ place: ConfigNode.Place, _ message: String) {
    found.insert(Problem(file: place.file, line: place.line, message: message))
  }
}
