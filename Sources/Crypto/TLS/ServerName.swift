/// The host that a client asks for in its first message (RFC 6066 3).
enum ServerName {
  /// The extension's one host name; nil where it is malformed.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.count > 5, length(bytes, at: 0) == bytes.count - 2, bytes[2] == 0,
      length(bytes, at: 3) == bytes.count - 5
    else { return nil }
    return String(decoding: bytes[5...], as: UTF8.self)
  }

  private static func length(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
    Int(bytes[place]) << 8 | Int(bytes[place + 1])
  }
}

/// Which certificate a host name gets: an exact name before a wildcard, an earlier certificate before a later one.
struct NameTable: Sendable {
  private var exact: [String: Int] = [:]
  /// By what follows `*.`.
  private var wildcards: [String: Int] = [:]

  /// The DNS names of each certificate, `*.example.com` among them (RFC 6125 6.4.3: a whole first label and no more).
  init(_ names: [[String]]) {
    for (index, names) in names.enumerated() {
      for name in names.map({ $0.lowercased() }) {
        if name.hasPrefix("*.") {
          wildcards[String(name.dropFirst(2))] = wildcards[String(name.dropFirst(2))] ?? index
        } else {
          exact[name] = exact[name] ?? index
        }
      }
    }
  }

  func index(of host: String) -> Int? {
    guard host.utf8.count <= 253, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
    let host = host.lowercased()
    if let index = exact[host] { return index }
    guard let dot = host.firstIndex(of: "."), dot > host.startIndex else { return nil }
    return wildcards[String(host[host.index(after: dot)...])]
  }
}
