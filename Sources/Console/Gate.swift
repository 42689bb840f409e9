import HTTP
import Web

/// Who may speak to the console: requests over a Unix socket, and those that name this machine.
struct Gate: Sendable {
  /// Beside the names of the loopback interface.
  let hosts: Set<String>

  func refusal(of head: RequestHead, from peer: Peer) -> Response? {
    // No browser speaks over a Unix socket, and the file's mode says who may.
    if case .unix = peer.address { return nil }
    guard let authority = head.fields["Host"]?.lowercased(), isOurs(host(of: authority)) else {
      return .problem(.misdirectedRequest, detail: "The console answers to this machine's own names only.")
    }
    guard head.method != .get, head.method != .head else { return nil }
    return isOfThisSite(head, authority)
      ? nil : .problem(.forbidden, detail: "Another site may not change anything here.")
  }

  private func isOurs(_ host: Substring) -> Bool {
    host == "localhost" || host == "127.0.0.1" || host == "[::1]" || hosts.contains(String(host))
      || hosts.contains(String(host.drop { $0 == "[" }.prefix { $0 != "]" }))
  }

  /// Without its port.
  private func host(of authority: String) -> Substring {
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") { return authority[...close] }
    return authority.prefix { $0 != ":" }
  }

  /// A browser always says where a write comes from (Fetch standard, 3.2); a program does not.
  private func isOfThisSite(_ head: RequestHead, _ authority: String) -> Bool {
    if let site = head.fields["Sec-Fetch-Site"], site != "same-origin" && site != "none" { return false }
    let origins = head.fields.values("Origin")
    return origins.allSatisfy { $0.lowercased() == "http://\(authority)" }
  }
}
