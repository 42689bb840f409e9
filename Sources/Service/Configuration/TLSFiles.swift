import Crypto
import Flows
import Glibc
import Posix

/// Where the public listener's certificates and keys are, as `tls:` says it.
public struct TLSFiles: Sendable, Hashable {
  public struct Pair: Sendable, Hashable {
    public var certificate: Secret
    public var key: Secret
  }

  public var pair: Pair
  public var names: [Pair] = []
  public var clientAuthorities: Secret?
  public var clientRevocations: Secret?
  /// For what only shows when it starts.
  public var place: ConfigNode.Place

  init(pair: Pair, place: ConfigNode.Place) {
    self.pair = pair
    self.place = place
  }

  /// All that is there, read.
  func read(_ folder: String, _ environment: [String: String]) throws(Secret.Missing) -> TLSSettings {
    func text(_ secret: Secret) throws(Secret.Missing) -> TLSSettings.Text {
      let bytes = try secret.read(folder: folder, environment: environment, limit: Self.largest)
      return TLSSettings.Text(name: "\(secret)", bytes: bytes)
    }
    func read(_ pair: Pair) throws(Secret.Missing) -> TLSSettings.Pair {
      TLSSettings.Pair(certificate: try text(pair.certificate), key: try text(pair.key))
    }
    var settings = TLSSettings(pair: try read(pair))
    for pair in names { settings.names.append(try read(pair)) }
    settings.clientAuthorities = try clientAuthorities.map(text)
    settings.clientRevocations = try clientRevocations.map(text)
    return settings
  }

  /// A list of revocations may be large; nothing else here is.
  private static let largest = 32 << 20

  /// What can be told of the files without reading them: it is another after any of them was replaced or changed.
  func mark(_ folder: String, _ environment: [String: String]) -> [FileMark] {
    let all =
      ([pair] + names).flatMap { [$0.certificate, $0.key] } + [clientAuthorities, clientRevocations].compactMap { $0 }
    return all.compactMap { try? $0.path(folder: folder, environment: environment) }.map(FileMark.init)
  }
}

/// Which file a path leads to, through links, and when and how large it was written.
struct FileMark: Hashable, Sendable {
  private var device: UInt = 0
  private var inode: UInt = 0
  private var size = -1
  private var seconds = 0
  private var nanoseconds = 0

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
