import Formats
import Web

/// One entry of `verify`, with its keys read.
protocol Check: Sendable {
  /// Looks at raw bytes only. The place of the key that held, among `Verification.keys`; 0 where the entry has none.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int
}

/// For settings that are looked at and not used.
struct RefuseAll: Check {
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int {
    throw .unproven("closed", "The endpoint is not open.")
  }
}

extension SourceSecret {
  func bytes() throws(SettingsProblem) -> [UInt8] {
    let bytes: [UInt8]
    do { bytes = try read() } catch { throw SettingsProblem("verify", "\(name): \(error)") }
    guard !bytes.isEmpty else { throw SettingsProblem("verify", "\(name) is empty") }
    return bytes
  }
}

extension Request {
  /// The one value of a header; nil where there is none, and where there are several: nobody could say which one counts.
  func only(_ name: String) -> String? {
    let values = fields.values(name)
    return values.count == 1 ? values[0] : nil
  }
}
