import CCurl
import HTTP
import Posix

/// Requests over libcurl: one multi handle on one thread of its own, with its pool of kept-alive connections.
///
/// It speaks http and https only, follows nothing, heeds no proxy of the environment, checks certificates and names,
/// and connects to no address that the policy does not allow.
public final class CurlClient: HTTPClient {
  private let loop: CurlLoop

  public init(policy: AddressPolicy, limits: ClientLimits = ClientLimits()) throws(ClientError) {
    loop = CurlLoop(policy: policy, limits: limits)
    let loop = loop
    do throws(Errno) {
      try BlockingThread(name: "client") { loop.run() }.detach()
    } catch {
      throw .refused("no thread for outgoing requests: \(error)")
    }
  }

  deinit { loop.close() }

  /// Ends the thread; requests under way end as unanswered, later ones as refused.
  public func close() { loop.close() }

  public func send(_ request: OutgoingRequest) async throws(ClientError) -> ClientResponse {
    try Self.check(request)
    let result: Result<ClientResponse, ClientError> = await withUnsafeContinuation { continuation in
      loop.submit(Transfer(request) { continuation.resume(returning: $0) })
    }
    return try result.get()
  }

  /// libcurl would copy a line break into the request as it stands.
  private static func check(_ request: OutgoingRequest) throws(ClientError) {
    guard request.url.hasPrefix("https://") || request.url.hasPrefix("http://") else {
      throw .refused("only http and https URLs are called")
    }
    guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .refused("a URL holds blanks, controls or unescaped text")
    }
    guard Fields.isValid(name: request.method.rawValue, value: "") else { throw .refused("not a method") }
    guard request.fields.isValid else { throw .refused("a header field holds controls, or its name is no token") }
    guard request.deadline > 0 else { throw .notSent("no time was left") }
  }
}
