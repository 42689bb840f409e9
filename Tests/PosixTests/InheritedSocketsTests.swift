import Glibc
import Testing

@testable import Posix

@Suite(.serialized) struct InheritedSocketsTests {
  /// Where the tests put what is passed: no other descriptor comes there by itself.
  static let first: Int32 = 700

  /// Puts sockets where they are expected; `close` is theirs who takes them.
  private func put(_ sockets: [Int32]) {
    for (index, socket) in sockets.enumerated() {
      dup2(socket, Self.first + Int32(index))
      close(socket)
    }
  }

  private func listening(_ family: Int32) -> Int32 {
    let number = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    // Without bind(2) the kernel chooses a port; a Unix socket's name of two bytes makes it choose one too.
    var unnamed = sockaddr(sa_family: sa_family_t(AF_UNIX), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    if family == AF_UNIX { bind(number, &unnamed, 2) }
    listen(number, 1)
    return number
  }

  private func take(count: String = "1", names: String? = nil, process: Int32 = getpid()) throws -> InheritedSockets {
    var environment = ["LISTEN_PID": "\(process)", "LISTEN_FDS": count]
    environment["LISTEN_FDNAMES"] = names
    return try InheritedSockets.take(environment: environment, from: Self.first)
  }

  @Test func `sockets are given by name, in order, closed on exec, and the variables are gone`() throws {
    put([listening(AF_INET), listening(AF_INET6), listening(AF_UNIX)])
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { setenv(name, "x", 1) }
    let sockets = try take(count: "3", names: "public:local:public")
    #expect(sockets.names == ["public", "local", "public"])
    let taken = sockets.take("public")
    #expect(taken.map(\.number) == [Self.first, Self.first + 2])
    #expect(taken.map(\.isUnix) == [false, true])
    #expect(taken.allSatisfy { fcntl($0.number, F_GETFD) == FD_CLOEXEC })
    #expect(sockets.names == ["local"])
    #expect(sockets.take("public") == [])
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { #expect(getenv(name) == nil) }
    for socket in taken { close(socket.number) }
  }

  @Test func `what nobody took is closed with its holder`() throws {
    put([listening(AF_INET)])
    var sockets: InheritedSockets? = try take()
    #expect(sockets?.names == ["unknown"])
    sockets = nil
    #expect(fcntl(Self.first, F_GETFD) == -1)
  }

  @Test func `what is meant for another process, or not there, is left alone`() throws {
    #expect(try take(process: getpid() + 1).names == [])
    #expect(try InheritedSockets.take(environment: [:], from: Self.first).names == [])
  }

  @Test func `a socket that does not listen, a file, and what was never passed are refused by name`() throws {
    put([socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)])
    #expect(message { try take(names: "public") }?.contains("`public` does not listen for streams") == true)
    put([socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)])
    #expect(message { try take(names: "public") }?.contains("`public` does not listen for streams") == true)
    put([open("/dev/null", O_RDONLY)])
    #expect(message { try take(names: "public") }?.contains("`public` is no socket") == true)
    close(Self.first)
    #expect(message { try take(names: "public") }?.contains("`public` was announced and not passed") == true)
    for count in ["", "-1", "+1", "65", "x"] { #expect(message { try take(count: count) } != nil, "\(count)") }
  }

  private func message(_ body: () throws -> InheritedSockets) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
