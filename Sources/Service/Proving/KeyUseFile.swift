import Formats
import Posix

/// `keys.json` in the data folder: how each key was used, over restarts. Names, counts and times; never a key.
public struct KeyUseFile: Sendable {
  public struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  private let path: String
  private static let limit = 16 << 20

  public init(folder: String) { path = folder + "/keys.json" }

  /// Empty where there is no file yet.
  public func read() throws(Unreadable) -> [KeyReport] {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: Self.limit)
    } catch {
      if error == .noSuchFile { return [] }
      throw Unreadable(description: "\(path) cannot be read: \(error)")
    }
    guard let list = (try? JSON.parse(bytes))?["keys"]?.array else {
      throw Unreadable(description: "\(path) is not what was written there")
    }
    return list.compactMap { KeyReport($0) }
  }

  /// All of it anew, beside the old one until it is whole.
  func write(_ reports: [KeyReport]) throws(DiskError) {
    let json: JSON = ["keys": .array(reports.map(\.json))]
    try Files.replace(path, with: json.bytes + [UInt8(ascii: "\n")])
  }
}
