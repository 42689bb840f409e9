import Net
import Testing

struct SocketAddressTests {
  @Test(arguments: [
    "127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[2001:db8::1]:1", "unix:/run/c",
  ])
  func `what is read is written again`(text: String) throws {
    #expect(try #require(SocketAddress(text)).description == text)
  }

  @Test(arguments: [
    "", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+80", "127.0.0.1:65536", "127.0.0.1:080000", "127.1:80",
    "::1:80", "[::1]", "[::1:80", "host:80", "unix:", "127.0.0.1:80 ",
  ])
  func `what is no address is refused`(text: String) {
    #expect(SocketAddress(text) == nil)
  }

  @Test func `loopback is known`() throws {
    for text in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/x"] {
      #expect(try #require(SocketAddress(text)).isLoopback, "\(text)")
    }
    for text in ["128.0.0.1:1", "0.0.0.0:1", "[::]:1", "[2001:db8::1]:1"] {
      #expect(try !#require(SocketAddress(text)).isLoopback, "\(text)")
    }
  }
}
