import HTTP

/// Takes a message to the product: what came back, or nil where nothing did.
public typealias Courier = @Sendable (_ url: String, _ fields: Fields, _ body: [UInt8]) async -> Delivered?

public struct Delivered: Sendable {
  public let status: Int
  public let body: [UInt8]

  public init(status: Int, body: [UInt8]) {
    self.status = status
    self.body = body
  }
}
