import Crypto
import Foundation
import Net
import Posix
import Support
import Testing

@testable import Service

/// `tls` and `client-certificate` together, from the files to the answer.
@Suite struct ClientCertificateEndpointTests {
  private let authority: TestCertificate
  private let server: TestCertificate
  private let files: [String: [UInt8]]

  init() throws {
    authority = try TestCertificate("authority", isAuthority: true)
    server = try TestCertificate("server", names: ["DNS:localhost"])
    files = [
      "server.pem": server.pem, "server.key": server.keyPEM, "ca.pem": authority.pem,
      "ca.crl": try authority.revocations(),
    ]
  }

  private func program(_ verify: String) async throws -> RunningProgram {
    try await RunningProgram(
      "127.0.0.1:0", verify: verify,
      tls: "{ certificate: file:server.pem, key: file:server.key, client-ca: file:ca.pem, client-crl: file:ca.crl }",
      files: files)
  }

  /// The answer to a webhook that is sent with this certificate. A handshake that had no turn for five seconds, on a busy
  /// machine, is begun anew.
  private func post(_ address: SocketAddress, _ certificate: TestCertificate?, _ body: String) async throws -> String {
    var options = TLSClient.Options()
    options.certificate = certificate?.pem
    options.key = certificate?.keyPEM
    for _ in 0..<10 {
      do {
        let client = try await TLSClient(address, options)
        try await client.send(
          "POST /hooks/x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return try await client.readToEnd()
      } catch let refused as TLSClient.Refused {
        if !refused.reason.isEmpty { return refused.reason }
      } catch is Errno {
        // Closed while the client was still sending.
      }
    }
    return "no answer"
  }

  @Test func `an endpoint takes the certificates that it names, and no others of the authority`() async throws {
    let (old, new) = (try TestCertificate("crm", by: authority), try TestCertificate("crm", by: authority))
    let pin = Hex.encode(try Certificate(pem: old.pem).fingerprint)
    let keyPin = Hex.encode(try Certificate(pem: new.pem).spkiFingerprint)
    let running = try await program(
      "[ { client-certificate: { sha256: \(pin), spki-sha256: \(keyPin), subject: [ \"CN:crm\" ] } } ]")
    let address = try #require(try running.listen().publicListeners.first)
    #expect(try await post(address, old, #"{"id":1}"#).hasPrefix("HTTP/1.1 202 "))
    #expect(try await post(address, new, #"{"id":2}"#).hasPrefix("HTTP/1.1 202 "))
    let third = try TestCertificate("crm", by: authority)
    for other in [third, nil] {
      let answer = try await post(address, other, #"{"id":3}"#)
      #expect(answer.hasPrefix("HTTP/1.1 401 "))
      #expect(answer.contains("\r\nStrict-Transport-Security: max-age=63072000\r\n"))
      #expect(answer.contains("\r\nX-Content-Type-Options: nosniff\r\n"))
    }
    #expect(try await !post(address, try TestCertificate("crm"), "{}").hasPrefix("HTTP/"))
    let program = running.program
    #expect(
      program.refusals.list.map { "\($0.kind.code) \($0.count)" } == ["certificate-missing 1", "certificate-wrong 1"])
    #expect(program.keyReports.map { "\($0.key) \($0.count)" } == ["sha256:\(pin) 1", "spki-sha256:\(keyPin) 1"])
    await running.end()
    // The client hears of it before it is counted.
    #expect(program.handshakes?.certificatesRefused ?? 0 > 0)
  }

  @Test func `who was taken back is refused once the list is read again`() async throws {
    let client = try TestCertificate("crm", by: authority)
    let running = try await program("[ { client-certificate: { subject: [ \"CN:crm\" ] } } ]")
    let address = try #require(try running.listen().publicListeners.first)
    #expect(try await post(address, client, #"{"id":1}"#).hasPrefix("HTTP/1.1 202 "))
    let list = try authority.revocations(of: [client])
    try Data(list).write(to: URL(filePath: running.folder + "/ca.crl"), options: .atomic)
    running.program.reload()
    #expect(try await !post(address, client, #"{"id":2}"#).hasPrefix("HTTP/"))
    await running.end()
    #expect(running.program.handshakes?.lastRefusal == "certificate revoked")
  }
}
