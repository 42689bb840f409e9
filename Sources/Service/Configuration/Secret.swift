import Formats
import Posix

/// Where a secret is read from. The value itself never stands in a file of the configuration.
///
/// `env:NAME` · `file:PATH`, relative to the configuration folder · `file:env:NAME`, the file whose path the variable
/// holds.
public struct Secret: Hashable, Sendable {
  public enum Place: Hashable, Sendable { case variable(String), file(String), fileNamedBy(String) }

  public let place: Place

  public init?(_ text: String) {
    if let name = text.after("file:env:") {
      place = .fileNamedBy(name)
    } else if let path = text.after("file:") {
      place = .file(path)
    } else if let name = text.after("env:") {
      place = .variable(name)
    } else {
      return nil
    }
  }

  /// What is wrong is said without the value.
  public struct Missing: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// The value's bytes, at most `limit` of them; one line break at the end is not part of it.
  public func read(
    folder: String, environment: [String: String], limit: Int = 1 << 20
  ) throws(Missing) -> [UInt8] {
    var bytes = try contents(folder: folder, environment: environment, limit: limit)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.isEmpty { throw Missing(description: "\(self) is empty") }
    return bytes
  }

  /// All bytes that are there.
  func contents(folder: String, environment: [String: String], limit: Int) throws(Missing) -> [UInt8] {
    if let path = try path(folder: folder, environment: environment) { return try Self.file(path, limit) }
    guard case .variable(let name) = place else { return [] }
    return Array(try Self.variable(name, environment).utf8)
  }

  /// The file that holds the value; nil where it is a variable's.
  func path(folder: String, environment: [String: String]) throws(Missing) -> String? {
    switch place {
    case .variable: nil
    case .file(let path): path.hasPrefix("/") ? path : folder + "/" + path
    case .fileNamedBy(let name): try Self.variable(name, environment)
    }
  }

  private static func variable(_ name: String, _ environment: [String: String]) throws(Missing) -> String {
    guard let value = environment[name], !value.isEmpty else {
      throw Missing(description: "the environment variable \(name) is not set")
    }
    return value
  }

  private static func file(_ path: String, _ limit: Int) throws(Missing) -> [UInt8] {
    do {
      return try Files.read(path, limit: limit)
    } catch {
      throw Missing(description: "the file \(path) cannot be read: \(error)")
    }
  }
}

extension Secret: CustomStringConvertible {
  public var description: String {
    switch place {
    case .variable(let name): "env:\(name)"
    case .file(let path): "file:\(path)"
    case .fileNamedBy(let name): "file:env:\(name)"
    }
  }
}

extension String {
  fileprivate func after(_ prefix: String) -> String? {
    guard hasPrefix(prefix), count > prefix.count else { return nil }
    return String(dropFirst(prefix.count))
  }
}
