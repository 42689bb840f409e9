import Testing

/// The house corpus: raw requests and what they are answered. `H` stands for `Host: a`, and every line ends as it says.
enum RequestCorpus {
  struct Case: Sendable, CustomTestStringConvertible {
    let raw: [UInt8]
    /// nil where it is accepted.
    let status: UInt16?
    let why: String

    init(_ raw: String, _ status: UInt16? = nil, _ why: String) {
      self.init(Array(raw.utf8), status, why)
    }

    init(_ raw: [UInt8], _ status: UInt16? = nil, _ why: String) {
      self.raw = raw
      self.status = status
      self.why = why
    }

    var testDescription: String { why }
  }

  private static func line(_ line: String, _ status: UInt16?, _ why: String) -> Case {
    Case(line + "\r\nHost: a\r\n\r\n", status, why)
  }

  /// A GET with this field line.
  private static func field(_ field: String, _ status: UInt16?, _ why: String) -> Case {
    Case("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n", status, why)
  }

  /// A POST with these framing fields, and `body` behind the head.
  private static func post(_ fields: String, _ body: String, _ status: UInt16?, _ why: String) -> Case {
    Case("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)", status, why)
  }

  private static func chunked(_ body: String, _ status: UInt16?, _ why: String) -> Case {
    post("Transfer-Encoding: chunked", body, status, why)
  }

  static let requestLines: [Case] = [
    line("GET / HTTP/1.1", nil, "the plain request"),
    line("GET /a?b=c&d HTTP/1.0", nil, "HTTP/1.0"),
    line("GET  / HTTP/1.1", 400, "two spaces before the target"),
    line("GET /  HTTP/1.1", 400, "two spaces before the version"),
    line("GET\t/ HTTP/1.1", 400, "a tab for a space"),
    line("GET /\tHTTP/1.1", 400, "a tab before the version"),
    line(" GET / HTTP/1.1", 400, "a space before the method"),
    line("GET / HTTP/1.1 ", 400, "a space behind the version"),
    line("GET /", 400, "HTTP/0.9"),
    line("GET", 400, "a method alone"),
    line("GET HTTP/1.1", 400, "no target"),
    line("GET / a HTTP/1.1", 400, "a space in the target"),
    line("GET / HTTP/0.9", 400, "version 0.9"),
    line("GET / HTTP/1.2", 505, "version 1.2"),
    line("GET / HTTP/2.0", 505, "version 2.0"),
    line("GET / HTTP/9.9", 505, "version 9.9"),
    line("GET / HTTP/1.10", 400, "a minor version of two digits"),
    line("GET / HTTP/01.1", 400, "a major version of two digits"),
    line("GET / HTTP/1", 400, "no minor version"),
    line("GET / HTTP/1.", 400, "an empty minor version"),
    line("GET / HTTP/1,1", 400, "a comma in the version"),
    line("GET / http/1.1", 400, "a version in lower case"),
    line("GET / HTTPS/1.1", 400, "another protocol"),
    line("GET / HTTP/x.y", 400, "letters for a version"),
    Case("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "the preface of HTTP/2"),
    line("BREW / HTTP/1.1", 501, "an unknown method"),
    line("get / HTTP/1.1", 501, "a method in lower case"),
    line("TRACE / HTTP/1.1", 501, "TRACE"),
    line("CONNECT a:443 HTTP/1.1", 501, "CONNECT"),
    line("G(T / HTTP/1.1", 400, "a method that is no token"),
    line("GÉT / HTTP/1.1", 400, "a method that is not ASCII"),
    line("OPTIONS * HTTP/1.1", nil, "the asterisk form"),
    line("GET * HTTP/1.1", 400, "the asterisk with another method"),
    line("OPTIONS ** HTTP/1.1", 400, "two asterisks"),
    line("GET index.html HTTP/1.1", 400, "a path without a slash"),
    line("GET http://a/ HTTP/1.1", nil, "the absolute form"),
    line("GET HTTP://A HTTP/1.1", nil, "the absolute form in capitals, without a path"),
    line("GET http://b/ HTTP/1.1", 400, "an absolute form of another host"),
    line("GET http:///x HTTP/1.1", 400, "an absolute form without a host"),
    line("GET http://u@a/ HTTP/1.1", 400, "an absolute form with a user"),
    line("GET ftp://a/ HTTP/1.1", 400, "another scheme"),
    line("GET //a/b HTTP/1.1", nil, "an empty segment"),
    line("GET /#x HTTP/1.1", 400, "a fragment"),
    line("GET /\u{E9} HTTP/1.1", 400, "a raw letter that is not ASCII"),
    line("GET /a\\b HTTP/1.1", 400, "a backslash"),
    line("GET /\"x\" HTTP/1.1", 400, "quotes"),
    line("GET /<x> HTTP/1.1", 400, "angle brackets"),
    line("GET /%C3%A9 HTTP/1.1", nil, "an escaped letter"),
    line("GET /%zz HTTP/1.1", 400, "an escape that is none"),
    line("GET /a%2 HTTP/1.1", 400, "half an escape"),
    line("GET /?a%2 HTTP/1.1", 400, "half an escape in the query"),
    line("GET /?a=%00 HTTP/1.1", nil, "an escaped control in the query is data"),
    line("GET /% HTTP/1.1", 400, "a percent sign alone"),
    line("GET /%00 HTTP/1.1", 400, "an escaped NUL"),
    line("GET /a%0d%0ab HTTP/1.1", 400, "an escaped line end"),
    line("GET /%7f HTTP/1.1", 400, "an escaped DEL"),
    line("GET /%ff HTTP/1.1", 400, "an escape that is not UTF-8"),
    line("GET /%c0%ae%c0%ae/x HTTP/1.1", 400, "overlong dots"),
    line("GET /a%2fb HTTP/1.1", 400, "an escaped slash"),
    line("GET /a%5cb HTTP/1.1", 400, "an escaped backslash"),
    line("GET /../x HTTP/1.1", 400, "dot dot"),
    line("GET /a/.. HTTP/1.1", 400, "dot dot at the end"),
    line("GET /a/%2e%2E/b HTTP/1.1", 400, "escaped dot dot"),
    line("GET /./x HTTP/1.1", 400, "a dot segment"),
    line("GET /.well-known/...x HTTP/1.1", nil, "dots that are names"),
    line("GET /?x=/../ HTTP/1.1", nil, "dots in the query"),
  ]

  static let lineEnds: [Case] = [
    Case("GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "LF alone behind the request line"),
    Case("GET / HTTP/1.1\r\nHost: a\n\r\n", 400, "LF alone behind a field"),
    Case("GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "LF alone at the end"),
    Case("GET / HTTP/1.1\nHost: a\n\n", 400, "LF alone everywhere"),
    Case("GET / HTTP/1.1\rHost: a\r\n\r\n", 400, "CR alone"),
    Case("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400, "CR in a value"),
    Case("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400, "CR CR LF"),
    Case("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", nil, "one empty line in front"),
    Case("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "two empty lines in front"),
    Case("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "LF in front"),
    Case([0x16, 0x03, 0x01, 0x00, 0xA5, 0x01], 400, "TLS where none is spoken"),
    Case([0x00], 400, "NUL"),
    Case(Array("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n".utf8), 400, "NUL in the target"),
  ]

  static let fields: [Case] = [
    Case("GET / HTTP/1.1\r\n\r\n", 400, "no Host"),
    Case("GET / HTTP/1.0\r\n\r\n", nil, "no Host in HTTP/1.0"),
    field("Host: a", 400, "two Hosts"),
    Case("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "an empty Host"),
    Case("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "a list of hosts"),
    Case("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "a space in the host"),
    Case("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "a user in the host"),
    Case("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "a path in the host"),
    Case("GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", 400, "a URL for a host"),
    Case("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n", nil, "a port"),
    Case("GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400, "an empty port"),
    Case("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "a port too large"),
    Case("GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", 400, "a port with a sign"),
    Case("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", nil, "an IPv6 host"),
    Case("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "half an IPv6 host"),
    Case("GET / HTTP/1.1\r\nHost: [x]\r\n\r\n", 400, "a literal that is no address"),
    Case("GET / HTTP/1.1\r\nHost: \u{E9}\r\n\r\n", 400, "a host that is not ASCII"),
    field("X : b", 400, "a space before the colon"),
    field("X\t: b", 400, "a tab before the colon"),
    field(" X: b", 400, "a folded line"),
    field("\tX: b", 400, "a line folded by a tab"),
    Case("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "white space before the first field"),
    field("X", 400, "no colon"),
    field(": b", 400, "no name"),
    field("X(: b", 400, "a name that is no token"),
    field("X Y: b", 400, "a space in a name"),
    field("X\u{E9}: b", 400, "a name that is not ASCII"),
    field("Content_Length: 5", 400, "an underscore in a name"),
    field("X:", nil, "an empty value"),
    field("X:\t b \t", nil, "blanks around a value"),
    field("X: a\tb", nil, "a tab in a value"),
    field("X: \u{E9}", nil, "a value that is not ASCII"),
    field("X: a\0b", 400, "NUL in a value"),
    field("X: a\u{01}b", 400, "a control in a value"),
    field("X: a\u{7F}b", 400, "DEL in a value"),
    field("X: a\u{0B}b", 400, "a vertical tab in a value"),
    field("Connection: close, Upgrade", nil, "connection options"),
    field("Connection: (close)", 400, "a connection option that is no token"),
    field("Upgrade: h2c", nil, "an upgrade, ignored"),
    field("Expect: 100-continue", nil, "an expectation without a body"),
    field("Expect: 200-ok", 417, "another expectation"),
    field("Expect:", 417, "an empty expectation"),
    post("Expect: 100-Continue\r\nContent-Length: 1", "x", nil, "an expectation"),
    post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1", "x", 417, "two expectations"),
  ]

  static let lengths: [Case] = [
    post("Content-Length: 5", "hello", nil, "a body"),
    post("content-LENGTH: 0", "", nil, "an empty body"),
    post("X: y", "", 411, "no length"),
    Case("POST / HTTP/1.0\r\n\r\n", 411, "no length in HTTP/1.0"),
    Case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", nil, "a body with GET"),
    Case("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", nil, "DELETE without a body"),
    post("Content-Length: +5", "hello", 400, "a plus sign"),
    post("Content-Length: -5", "hello", 400, "a minus sign"),
    post("Content-Length: 0x5", "hello", 400, "hexadecimal"),
    post("Content-Length: 5_0", "hello", 400, "an underscore"),
    post("Content-Length: 5 0", "hello", 400, "an inner space"),
    post("Content-Length: 5.0", "hello", 400, "a fraction"),
    post("Content-Length: 05", "hello", 400, "a leading zero"),
    post("Content-Length: 00", "", 400, "two zeros"),
    post("Content-Length:", "", 400, "an empty length"),
    post("Content-Length: five", "hello", 400, "a word"),
    post("Content-Length: 5, 5", "hello", 400, "a list"),
    post("Content-Length: 5,", "hello", 400, "a comma"),
    post("Content-Length: \u{A0}5", "hello", 400, "a no-break space"),
    post("Content-Length: \u{FF15}", "hello", 400, "a full-width digit"),
    post("Content-Length: 5\u{0B}", "hello", 400, "a vertical tab"),
    post("Content-Length: 5\r\nContent-Length: 5", "hello", 400, "the same length twice"),
    post("Content-Length: 5\r\nContent-Length: 6", "hello", 400, "two lengths"),
    post("Content-Length: 9223372036854775808", "", 400, "more than 63 bits"),
    post("Content-Length: 18446744073709551621", "hello", 400, "a length that overflows to 5"),
    post("Content-Length: 10000000", "", 413, "a body too large"),
  ]

  static let codings: [Case] = [
    post("Transfer-Encoding: chunked", "0\r\n\r\n", nil, "chunked"),
    post("Transfer-Encoding: CHUNKED \t", "0\r\n\r\n", nil, "chunked in capitals, blanks behind"),
    post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n", 400, "both framings"),
    post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400, "both framings, the other way"),
    post("Content-Length: 5\r\nTransfer-Encoding: gzip", "hello", 400, "a length and an unknown coding"),
    Case("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "chunked in HTTP/1.0"),
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n", 400, "chunked twice"),
    post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n", 400, "chunked, chunked"),
    post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n", 501, "gzip, chunked"),
    post("Transfer-Encoding: gzip", "", 501, "gzip"),
    post("Transfer-Encoding: identity", "", 501, "identity"),
    post("Transfer-Encoding: xchunked", "0\r\n\r\n", 501, "xchunked"),
    post("Transfer-Encoding: chunkedx", "0\r\n\r\n", 501, "chunkedx"),
    post("Transfer-Encoding: chunked;q=1", "0\r\n\r\n", 400, "chunked with a parameter"),
    post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n", 400, "chunked in quotes"),
    post("Transfer-Encoding: chunked,", "0\r\n\r\n", 400, "chunked and a comma"),
    post("Transfer-Encoding: ,chunked", "0\r\n\r\n", 400, "a comma and chunked"),
    post("Transfer-Encoding:", "", 400, "an empty coding"),
    post("Transfer-Encoding: \u{0B}chunked", "0\r\n\r\n", 400, "a vertical tab and chunked"),
    post("Transfer-Encoding : chunked", "0\r\n\r\n", 400, "a space before the colon"),
    post("Transfer_Encoding: chunked", "0\r\n\r\n", 400, "an underscore"),
    post("X: y\r\n Transfer-Encoding: chunked", "0\r\n\r\n", 400, "a coding in a folded line"),
  ]

  static let chunks: [Case] = [
    chunked("5\r\nhello\r\n0\r\n\r\n", nil, "one chunk"),
    chunked("1\r\nh\r\n004\r\nello\r\n000\r\n\r\n", nil, "two chunks and zeros in front"),
    chunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", nil, "digits in either case"),
    chunked("5;a\r\nhello\r\n0;b=c;d=\"e;\\\"f\"\r\n\r\n", nil, "extensions"),
    chunked("5\r\nhello\r\n0\r\nX-Checksum: 1\r\nY:\r\n\r\n", nil, "trailers"),
    chunked("\r\nhello\r\n0\r\n\r\n", 400, "no size"),
    chunked("+5\r\nhello\r\n0\r\n\r\n", 400, "a plus sign"),
    chunked("-5\r\nhello\r\n0\r\n\r\n", 400, "a minus sign"),
    chunked("0x5\r\nhello\r\n0\r\n\r\n", 400, "0x"),
    chunked("5_\r\nhello\r\n0\r\n\r\n", 400, "an underscore"),
    chunked(" 5\r\nhello\r\n0\r\n\r\n", 400, "a space in front"),
    chunked("5 \r\nhello\r\n0\r\n\r\n", 400, "a space behind"),
    chunked("5\t\r\nhello\r\n0\r\n\r\n", 400, "a tab behind"),
    chunked("5 ;a\r\nhello\r\n0\r\n\r\n", 400, "a space before an extension"),
    chunked("5; a\r\nhello\r\n0\r\n\r\n", 400, "a space in an extension"),
    chunked("5;\r\nhello\r\n0\r\n\r\n", 400, "a bare semicolon"),
    chunked("5;=b\r\nhello\r\n0\r\n\r\n", 400, "an extension without a name"),
    chunked("5;a=\r\nhello\r\n0\r\n\r\n", 400, "an extension without a value"),
    chunked("5;a=\"b\r\nhello\r\n0\r\n\r\n", 400, "an open quote"),
    chunked("5;a=\"b\"c\r\nhello\r\n0\r\n\r\n", 400, "something behind a quote"),
    chunked("5;a\nhello\r\n0\r\n\r\n", 400, "LF alone behind an extension"),
    chunked("5\nhello\r\n0\r\n\r\n", 400, "LF alone behind a size"),
    chunked("5;a\rb\r\nhello\r\n0\r\n\r\n", 400, "CR in an extension"),
    chunked("5;a=\0\r\nhello\r\n0\r\n\r\n", 400, "NUL in an extension"),
    chunked("g\r\nhello\r\n0\r\n\r\n", 400, "a letter that is no digit"),
    chunked("5,\r\nhello\r\n0\r\n\r\n", 400, "a comma"),
    chunked("5\r\nhello0\r\n\r\n", 400, "no line end behind the data"),
    chunked("5\r\nhello\n0\r\n\r\n", 400, "LF alone behind the data"),
    chunked("5\r\nhello\r0\r\n\r\n", 400, "CR alone behind the data"),
    chunked("5\r\nhelloXX0\r\n\r\n", 400, "something else for a line end"),
    chunked("5\r\nhelloX\n0\r\n\r\n", 400, "something else for the CR behind the data"),
    chunked("4\r\nhello\r\n0\r\n\r\n", 400, "more data than said"),
    chunked("0\r\n\rX", 400, "CR and something at the end"),
    chunked("0\r\n\n", 400, "LF alone at the end"),
    chunked("0\nX: y\r\n\r\n", 400, "LF alone before trailers"),
    chunked("00000000000000005\r\nhello\r\n0\r\n\r\n", 400, "seventeen digits"),
    chunked("FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", 413, "sixty-four bits"),
    chunked("8000000000000000\r\nhello\r\n0\r\n\r\n", 413, "the sign bit"),
    chunked("10000000000000005\r\nhello\r\n0\r\n\r\n", 400, "a size that overflows to 5"),
    chunked("200000\r\n", 413, "a chunk too large"),
    chunked("0\r\nContent-Length: 5\r\n\r\n", 400, "a length among the trailers"),
    chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "a coding among the trailers"),
    chunked("0\r\nHost: b\r\n\r\n", 400, "a host among the trailers"),
    chunked("0\r\nAuthorization: x\r\n\r\n", 400, "credentials among the trailers"),
    chunked("0\r\n X: y\r\n\r\n", 400, "a folded trailer"),
    chunked("0\r\nX : y\r\n\r\n", 400, "a space before a trailer's colon"),
    chunked("0\r\nX\r\n\r\n", 400, "a trailer without a colon"),
    chunked("0\r\nX: \u{01}\r\n\r\n", 400, "a control in a trailer"),
    chunked("5;\(String(repeating: "a", count: 256))\r\nhello\r\n0\r\n\r\n", 400, "an extension too long"),
    chunked(
      String(repeating: "1;\(String(repeating: "a", count: 250))\r\nx\r\n", count: 20), 400, "many long extensions"),
    chunked("0\r\nX: \(String(repeating: "a", count: 8_192))\r\n\r\n", 431, "trailers too large"),
  ]

  static let all = requestLines + lineEnds + fields + lengths + codings + chunks
}
