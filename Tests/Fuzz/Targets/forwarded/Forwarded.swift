import Fuzzing
import HTTP
import Net
@testable import Web

/// What proxies say of a client. Nothing that stands to the left of what a listed proxy wrote makes anybody else the
/// client, and a listed proxy is never the client itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  guard size > 0, let data else { return 0 }
  let read: (Fields, AddressRanges) -> Forwarding.Claim
  let name: String
  if data[0] & 1 == 0 {
    (name, read) = ("X-Forwarded-For", { Forwarding.forwardedFor($0, $1) })
  } else {
    (name, read) = ("Forwarded", { Forwarding.forwarded($0, $1) })
  }
  // A line that ends in LF begins another field of the name.
  let text = String(decoding: UnsafeRawBufferPointer(start: data + 1, count: size - 1), as: UTF8.self)
  var fields = Fields()
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  for line in lines { fields.append(name, String(line)) }
  let claim = read(fields, proxies)
  if let client = claim.client {
    expect(!proxies.contains(client), "a listed proxy is not the client")
    expect(client == client.normalized, "an address is written in one way")
    expect(ForwardedText.address(Array(client.host.utf8)) == client, "an address written out is the same address")
  }
  checkInvention(name, lines, claim, read)
  return 0
}

private let proxies = AddressRanges(["10.0.0.0/8", "192.0.2.7", "fd00::/8"].compactMap { AddressRange($0) })

/// The client may send fields of his own, and begin the line to which the proxy adds.
private func checkInvention(
  _ name: String, _ lines: [Substring], _ claim: Forwarding.Claim, _ read: (Fields, AddressRanges) -> Forwarding.Claim
) {
  let own = name == "Forwarded" ? "for=198.51.100.9" : "198.51.100.9"
  var before: Fields = [name: own]
  var within = Fields()
  for (place, line) in lines.enumerated() {
    before.append(name, String(line))
    within.append(name, place == 0 ? "\(own), \(line)" : String(line))
  }
  for fields in [before, within] {
    let client = read(fields, proxies).client
    if claim.client != nil {
      expect(client == claim.client, "what stands before it changes nothing")
    } else {
      // All that was there was written by listed proxies, or it cannot be followed.
      expect(client == nil || client == invention, "nobody is found where nobody was named")
    }
  }
}

private let invention = ForwardedText.address(Array("198.51.100.9".utf8))
