import Formats
import Web

/// One entry of `verify`, with its keys read.
protocol Check: Sendable {
  /// Looks at raw bytes only.
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven

  /// Reads again what may have changed on disk. What is bad changes nothing.
  func refresh() throws(SettingsProblem)
}

extension Check {
  func refresh() throws(SettingsProblem) {}
}

/// That an entry holds.
struct Proven {
  /// The place of the key that held, among `Verification.keys`; 0 where the entry has none.
  let key: Int
  /// A token that may come with this body only.
  let token: TokenUse?

  init(_ key: Int, token: TokenUse? = nil) {
    self.key = key
    self.token = token
  }
}

/// For settings that are looked at and not used.
struct RefuseAll: Check {
  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven { throw .unproven("closed") }
}

extension Request {
  /// The one value of a header; nil where there is none, and where there are several: nobody could say which one counts.
  func only(_ name: String) -> String? {
    fields.withOnly(name) { String(decoding: $0, as: UTF8.self) }
  }
}
