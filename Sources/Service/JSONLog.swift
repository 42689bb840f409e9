import Formats
import Logging
import Posix

/// Log lines as JSON objects on standard error: `at`, `level`, `message`, then what the line is about (`endpoint`,
/// `event`, `flow`, `pair`, …). A payload never gets here: callers pass names and masked reasons only.
public struct JSONLog: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level = .info
  private let write: @Sendable ([UInt8]) -> Void

  public init(write: @escaping @Sendable ([UInt8]) -> Void) {
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var line = JSONObject()
    line["at"] = .string(Now.wall().description)
    line["level"] = .string(event.level.rawValue)
    line["message"] = .string(event.message.description)
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      line[key] = .string(String(value.description.prefix(Self.valueLength)))
    }
    var bytes = JSON.object(line).bytes
    bytes.append(UInt8(ascii: "\n"))
    write(bytes)
  }

  private static let valueLength = 512
}
