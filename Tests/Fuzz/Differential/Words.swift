/// What streams are made of: what senders write, and what attackers do.
enum Words {
  static let methods = ["GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
  static let oddMethods = ["get", "TRACE", "CONNECT", "BREW", "PRI", "GE T", "G\u{0}T", "", "M-SEARCH", "POST\t"]
  static let targets = ["/", "/a", "/hooks/crm/token", "/a?b=c", "/a%20b", "/%C3%A9", "/a;b=c", "/?", "/a//b", "*"]
  static let oddTargets = [
    "http://a/", "http://a", "https://A/b?c", "http://b/", "/a b", "/a#b", "/%2e%2e/", "/../a", "/%00", "/%zz", "/é",
    "a", "//a", "/a\\b", "/\"", "/{a}", "/a|b", "/^", "/[a]", "http://u@a/", "http://a:80/", "/%0d%0aX:y", "",
  ]
  static let versions = [
    "HTTP/1.0", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "http/1.1", "HTTP/1.1 ", "HTTP/1.01", "HTTP/11",
    "HTTP/1,1", "",
  ]
  static let oddHosts = [
    "Host:a", "Host: a ", "Host:\ta", "host: A:80", "Host: [::1]:8080", "Host:", "Host: a b", "Host: a,b", "Host: a/b",
    "Host: u@a", "Host : a", "Host: a\r\nHost: a", "Hos\u{74}: a", "X: y", "Host: a\u{0}", "Host: é",
  ]
  static let fields = [
    "Accept: */*", "User-Agent: a (b; c)", "Content-Type: text/xml; charset=UTF-8", "SOAPAction: \"\"", "X-A:", "X-A: ",
    "X-A: \t b \t c ", "Cookie: a=b; c=d", "webhook-id: msg_1", "Connection: keep-alive", "Connection: close",
    "Connection: Keep-Alive, x", "Accept-Encoding: gzip, deflate", "X-Forwarded-For: 192.0.2.1", "TE: trailers",
    "Authorization: Basic YTpi", "If-Match: \"a\"", "X-a: é", "Content-Encoding: identity", "Date: x",
  ]
  static let oddFields = [
    "Expect: 100-continue", "Expect: x", "Upgrade: h2c", "Upgrade: h2c\r\nConnection: upgrade", "Connection: upgrade",
    "Connection: close, close", "Connection: ,", "Connection: a b", "Proxy-Connection: close", " X: y", "\tX: y",
    "X : y",
    "X\t: y", "X", ": y", "", "X: y\r\n z", "X: y\r\n\tz", "X: y\rz", "X: y\nz", "X: \u{0}", "X: \u{7F}", "X: \u{1}",
    "X_Y: z", "X(Y: z", "X\u{0}: y", "é: x", "X: y\r\n\r\nGET /b HTTP/1.1", "Keep-Alive: timeout=5",
    "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Trailer: Content-Length", "Connection: Transfer-Encoding",
  ]
  static let lengthNames = [
    "content-length: ", "CONTENT-LENGTH:", "Content-Length:\t", "Content-Length : ", "Content_Length: ",
    "Content-Length\t: ", " Content-Length: ", "Content-Length: 3\r\nContent-Length: ", "X: y\r\n Content-Length: ",
    "Content-Length\u{0}: ", "Content-Length: \r\n ", "Content-Length:\u{B}",
  ]
  static let oddLengths = [
    "0", "1", "3", "5, 5", "5,5", "05", "+3", "-1", "3_0", "0x3", "3 0", "3\u{B}", "\u{A0}3", "3;", "3.0", "1e1", "",
    ",", "3,",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551619", "3\u{0}", "3\r\n ",
    "٣", "00000000000000000003", "\"3\"", "3 ", "999",
  ]
  static let codings = [
    "Transfer-Encoding: Chunked", "Transfer-Encoding:chunked", "Transfer-Encoding:\tchunked\t",
    "transfer-encoding: CHUNKED",
    "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: identity", "Transfer-Encoding: identity, chunked", "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked,",
    "Transfer-Encoding:",
    "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked",
    "Transfer_Encoding: chunked",
    "Transfer-Encoding:\u{B}chunked", "Transfer-Encoding: chunked\u{0}", "Transfer-Encoding: \u{FF}chunked",
    "Transfer-Encoding: chun\u{212A}ed", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: \r\n chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "X: y\r\n Transfer-Encoding: chunked",
    "X: y\rTransfer-Encoding: chunked",
    "X: y\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3",
    "Transfer-Encodin\u{67}: chunked",
  ]
  static let contents: [[UInt8]] = [
    "", "abc", "abc", "hello, world", "0\r\n\r\n", "\r\n", "GET /b HTTP/1.1\r\nHost: b\r\n\r\n", "1\r\na\r\n0\r\n\r\n",
    "\u{0}\u{FF}",
    "<a/>", "{}", "a=b&c=d",
  ].map { Array($0.utf8) }
  static let oddSizes = [
    "", "g", "-1", "+1", "0x1", "1 ", " 1", "1\t", "1;", "1 ;a", "\u{B}1", "1_0", "1.", "ffffffffffffffff",
    "10000000000000001",
    "00000000000000000", "8000000000000000", "7fffffffffffffff", "1\u{0}", "1\r", "1,1",
  ]
  static let extensions = [
    ";a", ";a=b", ";a=\"b\"", ";a=\"b\\\"c\"", ";a;b;c=d", ";a=\"\"", ";", "; a", " ;a", ";a =b", ";a= b", ";a=\"b",
    ";a=\nb", ";a\r",
    ";\u{0}", ";a=\"b\r\n\"", ";é", ";a=b c", ";;", ";a=\"b;c\"", ";a=\"\tb\"",
  ]
  static let oddLasts = ["00", "0;a", "000000000000000000", "0 ", "-0", "0x0", "", "0;a=\"b\"", "+0"]
  static let trailers = [
    "X: y", "X:", "X: y\r\nZ: z", "Content-Length: 5", "Transfer-Encoding: chunked", "Host: b", " X: y", "X : y", "X",
    "X: y\r\n z",
    "Expect: x", "X: \u{0}", "x-sum: 1", "X_Y: z", "Connection: close", "Authorization: x",
  ]
  static let ends = ["\n", "\r", "", "\r\r\n", "\n\r", " \r\n", "\r\n\r\n", "XX", "\u{0}", "\r ", "0\r\n"]
  static let octets: [UInt8] =
    Array("\r\n\0 \t:;,=\"\\/%?#@_-+.*0179afAFxXgGzZ\u{B}\u{C}\u{1F}\u{7F}".utf8) + [0x80, 0x85, 0xA0, 0xFF]
  static let pieces = [
    "\r\n", "\r\n\r\n", "\n\n", "\r", " ", "\t", ":", ";", ",", "0\r\n\r\n", "Content-Length: 3\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Host: b\r\n", " HTTP/1.1", "HTTP/1.0",
    "GET / HTTP/1.1\r\n",
    "\r\n\t", "\r\n ", "chunked", "Connection: close\r\n", "Upgrade: x\r\n", "Expect: 100-continue\r\n", "X", "1\r\n",
    "\u{0}", "5, 5",
    "http://a", "%0d%0a", ";a=\"", "\\",
  ]
}
