import CCurl
import Glibc
import HTTP

/// One exchange while libcurl works on it.
// Safe: made by the caller, then handed to the loop's thread through its inbox, and touched by that thread alone.
final class Transfer: @unchecked Sendable {
  private let request: OutgoingRequest
  private let done: @Sendable (Result<ClientResponse, ClientError>) -> Void
  private var policy = AddressPolicy.publicOnly
  private var limits = ClientLimits()
  private var lines: UnsafeMutablePointer<curl_slist>?
  private var sent = 0
  private var fields = Fields()
  private var headBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false
  private var isRefused = false

  init(_ request: OutgoingRequest, _ done: @escaping @Sendable (Result<ClientResponse, ClientError>) -> Void) {
    self.request = request
    self.done = done
  }

  func finish(_ result: Result<ClientResponse, ClientError>) { done(result) }

  /// Sets the handle up. The transfer outlives the handle's use: the loop keeps it until the handle was taken out.
  func prepare(_ easy: UnsafeMutableRawPointer, _ policy: AddressPolicy, _ limits: ClientLimits) -> Bool {
    self.policy = policy
    self.limits = limits
    let me = Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      ccurl_set_string(easy, CURLOPT_URL, request.url),
      ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
      ccurl_set_string(easy, CURLOPT_PROXY, ""),
      ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue),
      ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0),
      ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
      ccurl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1),
      ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(clamping: request.deadline)),
      ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: min(limits.connectMilliseconds, request.deadline))),
      ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1),
      ccurl_set_opensocket(easy, openSocket),
      ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, me),
      ccurl_set_data_function(easy, CURLOPT_WRITEFUNCTION, takeBody),
      ccurl_set_pointer(easy, CURLOPT_WRITEDATA, me),
      ccurl_set_data_function(easy, CURLOPT_HEADERFUNCTION, takeHeader),
      ccurl_set_pointer(easy, CURLOPT_HEADERDATA, me),
    ]
    if request.method == .head { codes.append(ccurl_set_long(easy, CURLOPT_NOBODY, 1)) }
    if request.method.takesBody || !request.body.isEmpty {
      // The body is read through a function that cannot rewind: where a kept-alive connection breaks after it, libcurl
      // has to give up, and cannot repeat the request by itself as it does with a body that it holds.
      codes += [
        ccurl_set_long(easy, CURLOPT_UPLOAD, 1),
        ccurl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, request.body.count),
        ccurl_set_data_function(easy, CURLOPT_READFUNCTION, giveBody),
        ccurl_set_pointer(easy, CURLOPT_READDATA, me),
      ]
    }
    lines = headerLines()
    codes.append(ccurl_set_list(easy, CURLOPT_HTTPHEADER, lines))
    return codes.allSatisfy { $0 == CURLE_OK }
  }

  private func headerLines() -> UnsafeMutablePointer<curl_slist>? {
    // Without `Expect`: the server's word would cost a round trip, and a second where it stays silent.
    var list = curl_slist_append(nil, "Expect:")
    if !request.fields.contains("Accept") { list = curl_slist_append(list, "Accept: */*") }
    for (name, value) in request.fields {
      // A semicolon asks libcurl to send a field of no value; a colon would remove it.
      list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    return list
  }

  /// After the handle was reset or is gone.
  func release() {
    curl_slist_free_all(lines)
    lines = nil
  }

  func result(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) -> Result<ClientResponse, ClientError> {
    var status = 0
    var requestBytes = 0
    ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &requestBytes)
    if code == CURLE_OK { return .success(ClientResponse(status: status, fields: fields, body: body)) }
    if isTooLarge { return .failure(.tooLarge(limit: limits.bodyBytes)) }
    let why = String(cString: curl_easy_strerror(code))
    if requestBytes > 0 || sent > 0 { return .failure(.unanswered(why)) }
    if isRefused { return .failure(.refused("the address is not one that may be called")) }
    if code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL { return .failure(.refused(why)) }
    return .failure(.notSent(why))
  }

  // MARK: what libcurl calls

  fileprivate func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    guard policy.allows(ccurl_address(address)) else {
      isRefused = true
      return -1
    }
    return socket(address.pointee.family, address.pointee.socktype | SOCK_CLOEXEC_VALUE, address.pointee.protocol)
  }

  fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= limits.bodyBytes else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  fileprivate func take(header bytes: UnsafeRawBufferPointer) -> Int {
    headBytes += bytes.count
    guard headBytes <= limits.headBytes else {
      isTooLarge = true
      return 0
    }
    let line = String(decoding: bytes, as: UTF8.self)
    // An interim answer has a head of its own; only the last one counts.
    if line.hasPrefix("HTTP/") { fields = Fields() }
    if let colon = line.firstIndex(of: ":") {
      fields.append(String(line[..<colon]), trimmed(line[line.index(after: colon)...]))
    }
    return bytes.count
  }

  private func trimmed(_ text: Substring) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  fileprivate func give(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, request.body.count - sent)
    guard count > 0 else { return 0 }
    request.body.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
    sent += count
    return count
  }
}

private let SOCK_CLOEXEC_VALUE = Int32(SOCK_CLOEXEC.rawValue)

private func transfer(_ me: UnsafeMutableRawPointer?) -> Transfer? {
  me.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func openSocket(
  _ me: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let transfer = transfer(me), let address else { return -1 }
  return transfer.open(address)
}

private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ me: UnsafeMutableRawPointer?
) -> Int {
  transfer(me)?.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

private func takeHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ me: UnsafeMutableRawPointer?
) -> Int {
  transfer(me)?.take(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

private func giveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ me: UnsafeMutableRawPointer?
) -> Int {
  transfer(me)?.give(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
}
