import Foundation
import Glibc
import Testing

@testable import Posix

@Suite struct ServiceManagerTests {
  @Test(arguments: [true, false]) func `a start, a reload and a stop are told, over paths and abstract names`(
    isAbstract: Bool
  ) throws {
    let listener = try Listener(isAbstract: isAbstract)
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": listener.name])
    manager.ready("ready on 127.0.0.1:8080")
    #expect(listener.next() == "READY=1\nSTATUS=ready on 127.0.0.1:8080")
    manager.reloading(now: 12_345_678)
    #expect(listener.next() == "RELOADING=1\nMONOTONIC_USEC=12345")
    manager.status("one\nREADY=0\r\ntwo")
    #expect(listener.next() == "STATUS=one READY=0 two")
    manager.stopping("draining")
    #expect(listener.next() == "STOPPING=1\nSTATUS=draining")
    manager.alive()
    #expect(listener.next() == "WATCHDOG=1")
  }

  @Test func `nobody is told where there is no manager, or one that cannot be understood`() {
    for name in ["", "relative", "vsock:2:1234", "/" + String(repeating: "x", count: 120)] {
      ServiceManager(environment: ["NOTIFY_SOCKET": name]).ready("ready")
    }
    ServiceManager(environment: ["NOTIFY_SOCKET": "/nobody/listens/here"]).ready("ready")
    ServiceManager(environment: [:]).ready("ready")
  }

  @Test func `the watchdog is ours where it names this process, or none`() {
    func watchdog(_ usec: String, _ pid: String? = nil) -> Int64? {
      var environment = ["NOTIFY_SOCKET": "/x/notify", "WATCHDOG_USEC": usec]
      environment["WATCHDOG_PID"] = pid
      return ServiceManager(environment: environment, process: 42).watchdog
    }
    #expect(watchdog("30000000") == 30_000_000_000)
    #expect(watchdog("30000000", "42") == 30_000_000_000)
    #expect(watchdog("30000000", "43") == nil)
    for text in ["", "0", "-1", "+1", "1s", "99999999999999999999"] { #expect(watchdog(text) == nil, "\(text)") }
    #expect(ServiceManager(environment: ["WATCHDOG_USEC": "1000"]).watchdog == nil)
  }

  /// The other end of `NOTIFY_SOCKET`.
  final class Listener {
    let name: String
    private let socket: FileDescriptor
    private let path: String

    init(isAbstract: Bool) throws {
      path = FileManager.default.temporaryDirectory.path + "/notify-\(UUID().uuidString)"
      name = isAbstract ? "@" + path : path
      socket = FileDescriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
      var form = sockaddr_un()
      form.sun_family = sa_family_t(AF_UNIX)
      let text = (isAbstract ? [0] : []) + Array(path.utf8) + (isAbstract ? [] : [0])
      withUnsafeMutableBytes(of: &form.sun_path) { $0.copyBytes(from: text) }
      let bound = withUnsafePointer(to: &form) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, socklen_t(2 + text.count)) }
      }
      guard bound == 0 else { throw Errno.last }
    }

    deinit { unlink(path) }

    /// What has come already: a datagram is there once it was sent.
    func next() -> String {
      var bytes = [UInt8](repeating: 0, count: 4_096)
      let count = recv(socket.number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }
  }
}
