import Crypto
import Formats
import Net
import Posix
import Web

/// From where a request may come. Looked at after everything else: what is wrong here is 403, which says that the rest
/// was right.
///
/// An address proves whose network it is and not whose account: Salesforce's ranges are all its customers'.
final class AddressCheck: Check {
  private struct State {
    var ranges: AddressRanges
    /// Of Salesforce's file, as it was when it was last read.
    var file: [UInt8]
  }

  private let allowed: [AddressRange]
  private let salesforce: SourceSecret?
  private let state: Lock<State>

  init(_ settings: AddressSettings) throws(SettingsProblem) {
    var allowed: [AddressRange] = []
    for text in settings.allow {
      guard let range = AddressRange(text) else { throw Self.noRange(text) }
      allowed.append(range)
    }
    self.allowed = allowed
    salesforce = settings.salesforce
    let (file, ranges) = try Self.read(settings.salesforce)
    state = Lock(State(ranges: AddressRanges(allowed + ranges), file: Digest.sha256.hash(file)))
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    guard state.withLock({ $0.ranges.contains(request.peer.address) }) else { throw .refusedAddress }
    return Proven(0)
  }

  /// Reads Salesforce's file again. One that cannot be read or holds no range changes nothing.
  func refresh() throws(SettingsProblem) {
    let (file, ranges) = try Self.read(salesforce)
    let digest = Digest.sha256.hash(file)
    if state.withLock({ $0.file == digest }) { return }
    let all = AddressRanges(allowed + ranges)
    state.withLock { $0 = State(ranges: all, file: digest) }
  }

  private static func read(_ secret: SourceSecret?) throws(SettingsProblem) -> (file: [UInt8], ranges: [AddressRange]) {
    guard let secret else { return ([], []) }
    let file = try secret.bytes()
    do throws(PublishedRanges.Unreadable) {
      return (file, try PublishedRanges.read(file))
    } catch {
      throw SettingsProblem("verify", "\(secret.name): \(error.description)")
    }
  }

  private static func noRange(_ text: String) -> SettingsProblem {
    SettingsProblem("allow", "allow holds `\(text)`, which is no address and no range such as 192.0.2.0/24")
  }

  static func problems(_ settings: AddressSettings) -> [SettingsProblem] {
    if settings.allow.isEmpty, settings.salesforce == nil {
      return [SettingsProblem("allow", "say from where, with allow or salesforce")]
    }
    return settings.allow.filter { AddressRange($0) == nil }.map(noRange)
  }
}
