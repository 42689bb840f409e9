import Console
import Formats
import HTTP
import Ledger
import Queue
import Service

/// The admin API of a data folder: of the process that serves it, through its control socket, or of the folder itself
/// where nobody does. Either way the same routes answer.
protocol AdminAPI: Sendable {
  /// Sends a request; a successful answer's body goes to `take` as it comes. Returns the status, and the body where it
  /// is an error's.
  func send(
    _ method: Method, _ path: String, query: Query, body: [UInt8], _ take: @escaping @Sendable ([UInt8]) -> Void
  ) async throws -> (status: Status, problem: [UInt8])

  func close() async
}

extension AdminAPI {
  /// As above; an error's sentence becomes the command's.
  func call(
    _ method: Method, _ path: String, query: Query = [:], body: JSON? = nil,
    _ take: @escaping @Sendable ([UInt8]) -> Void
  ) async throws {
    let (status, problem) = try await send(method, path, query: query, body: body?.bytes ?? [], take)
    guard !status.isSuccess else { return }
    let detail = (try? JSON.parse(problem))?["detail"]?.string ?? "the service answers \(status.rawValue)"
    throw Failed(detail, code: status == .badRequest ? 2 : 1)
  }

  /// The whole answer, as JSON.
  func json(_ method: Method, _ path: String, query: Query = [:], body: JSON? = nil) async throws -> JSON {
    let collected = Collected()
    try await call(method, path, query: query, body: body) { collected.add($0) }
    do { return try JSON.parse(collected.bytes) } catch { throw Failed("the answer is not JSON: \(error)") }
  }
}

/// A folder that nobody serves: its queue, opened here, behind the console's own handler.
struct FolderAPI: AdminAPI {
  private let queue: FileQueue
  private let handler: ConsoleHandler

  init(folder: String, _ encryption: QueueEncryption) throws {
    var options = QueueOptions()
    options.encryption = encryption
    do throws(QueueError) {
      queue = try FileQueue.open(folder: DataFolder.queue(in: folder), options: options)
    } catch {
      if case .storage(let why) = error { throw Failed(why) }
      if case .inUse = error {
        throw Failed("\(folder) is in use by a process that starts or ends at this moment: try again")
      }
      throw Failed("the queue in \(folder) cannot be opened: \(error)")
    }
    let path = DataFolder.ledger(in: folder)
    do throws(LedgerError) {
      let ledger = Paths.exists(path) ? try Ledger.open(path: path) : try Ledger.inMemory()
      handler = ConsoleHandler(ConsoleParts(queue: queue, ledger: ledger))
    } catch {
      throw Failed("the ledger \(path) cannot be opened: \(error)")
    }
  }

  func send(
    _ method: Method, _ path: String, query: Query, body: [UInt8], _ take: @escaping @Sendable ([UInt8]) -> Void
  ) async throws -> (status: Status, problem: [UInt8]) {
    let response = await handler.respond(
      toCommand: method, path, query: query.items.isEmpty ? nil : query.text, body: body)
    switch response.body {
    case .none: break
    case .bytes(let bytes):
      if !response.status.isSuccess { return (response.status, bytes) }
      take(bytes)
    case .stream(let write): try await write(Taker(take: take))
    }
    return (response.status, [])
  }

  func close() async { await queue.close() }
}

private struct Taker: BodyWriter {
  let take: @Sendable ([UInt8]) -> Void
  func write(_ bytes: [UInt8]) async throws { take(bytes) }
}
