import Client
import Connectors
import Events
import Synchronization
import Testing

@Suite struct BudgetTests {
  /// Holds every request until it is let go, and shows how many are on their way.
  private final class Holding: HTTPClient {
    private struct State {
      var held: [UnsafeContinuation<Void, Never>] = []
      var order: [String] = []
      var most = 0
      var inFlight = 0
    }
    private let state = Mutex(State())

    var held: Int { state.withLock { $0.held.count } }
    var most: Int { state.withLock { $0.most } }
    var order: [String] { state.withLock { $0.order } }

    func letOneGo() {
      state.withLock { $0.held.isEmpty ? nil : $0.held.removeFirst() }?.resume()
    }

    func letLastGo() {
      state.withLock { $0.held.popLast() }?.resume()
    }

    func send(_ request: OutgoingRequest) async throws(ClientError) -> ClientResponse {
      if request.url.hasSuffix("/token") { return .json("{\"access_token\":\"t\",\"expires_in\":3600}") }
      await withUnsafeContinuation { continuation in
        state.withLock { state in
          state.inFlight += 1
          state.most = max(state.most, state.inFlight)
          state.order.append(request.json["q"]?.string ?? "")
          state.held.append(continuation)
        }
      }
      state.withLock { $0.inFlight -= 1 }
      if request.json["q"] == "refused" { return .json("{}", status: 401) }
      return .json("{\"items\":[]}")
    }
  }

  private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

  @Test func `no more than the budget are on their way, and interactive work goes before bulk`() async throws {
    let client = Holding()
    let connector = NetSuiteConnector(
      NetSuiteSettings(
        account: "1", url: "https://1.suitetalk.api.netsuite.com", clientID: "c", certificateID: "k",
        key: try Keys.p256.get(), concurrency: 2), client: client)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<2 { group.addTask { _ = try? await connector.query("first", []) } }
      await until { client.held == 2 }
      group.addTask { await Budget.$priority.withValue(.bulk) { _ = try? await connector.query("bulk", []) } }
      await until { connector.budget.waiting == 1 }
      group.addTask { _ = try? await connector.query("interactive", []) }
      await until { connector.budget.waiting == 2 }
      #expect(connector.budget.inUse == 2)
      client.letOneGo()
      await until { client.order.count == 3 }
      client.letOneGo()
      await until { client.order.count == 4 }
      while client.held > 0 { client.letOneGo() }
    }
    #expect(client.order == ["first", "first", "interactive", "bulk"])
    #expect(client.most == 2)
    #expect(connector.budget.inUse == 0)
  }

  @Test func `a token that is turned away twice under load is the account's limit`() async throws {
    let client = Holding()
    let connector = NetSuiteConnector(
      NetSuiteSettings(
        account: "1", url: "https://1.suitetalk.api.netsuite.com", clientID: "c", certificateID: "k",
        key: try Keys.p256.get(), concurrency: 2), client: client)
    await withTaskGroup(of: Reason.Class?.self) { group in
      group.addTask {
        await failure { () async throws(Failure) in _ = try await connector.query("refused", []) }?.reason.kind
      }
      await until { client.held == 1 }
      group.addTask {
        _ = try? await connector.query("other", [])
        return nil
      }
      await until { client.held == 2 }
      client.letOneGo()
      await until { client.order.count == 3 && client.held == 2 }
      // The other stays on its way while the refused one comes back a second time.
      client.letLastGo()
      #expect(await group.next() == .limit)
      client.letOneGo()
    }
  }
}
