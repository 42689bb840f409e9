import Crypto
import Formats
import HTTP
import Posix

/// A courier that remembers what it took to the product, and what of it was acknowledged.
public final class Tape: Sendable {
  public struct Message: Sendable {
    public var url: String
    public let fields: Fields
    public let body: [UInt8]
    public var status: Int?

    /// The sender's identities of what is in it: notifications of an outbound message, a callback's `webhook-id`.
    public var ids: [String] {
      if let id = fields["webhook-id"] { return [id] }
      let text = String(decoding: body, as: UTF8.self)
      return text.ranges(of: "<Notification>").compactMap { range in
        let rest = text[range.upperBound...]
        guard let open = rest.firstRange(of: "<Id>") else { return nil }
        return String(rest[open.upperBound...].prefix(18))
      }
    }
  }

  private let messages = Lock<[Message]>([])
  private let courier: Courier

  public init(_ courier: @escaping Courier = PlainCourier.make()) { self.courier = courier }

  public var deliver: Courier {
    { url, fields, body in
      let answer = await self.courier(url, fields, body)
      self.messages.withLock { $0.append(Message(url: url, fields: fields, body: body, status: answer?.status)) }
      return answer
    }
  }

  /// What is replayed from now on goes there: the product has another address.
  public func redirect(to base: String) {
    messages.withLock { messages in
      for index in messages.indices {
        messages[index].url = base + messages[index].url.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
      }
    }
  }

  public var all: [Message] { messages.withLock { $0 } }

  /// Identities of everything that was acknowledged, each once.
  public var acknowledged: Set<String> {
    Set(all.filter { $0.status.map { (200..<300).contains($0) } ?? false }.flatMap(\.ids))
  }

  /// Sends what was acknowledged with this text in it once more, byte by byte as it was; how many that were.
  public func replay(containing text: String) async -> [Int] {
    var statuses: [Int] = []
    for message in all where message.status.map({ (200..<300).contains($0) }) ?? false {
      guard String(decoding: message.body, as: UTF8.self).contains(text) else { continue }
      if let answer = await courier(message.url, message.fields, message.body) { statuses.append(answer.status) }
    }
    return statuses
  }
}
