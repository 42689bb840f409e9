/// What one client may use up. Sizes are octets, times milliseconds, rates octets a second.
public struct HTTPLimits: Hashable, Sendable {
  public static let `default` = HTTPLimits()

  /// The request line without its line end; longer is 414.
  public var requestLine = 8 * 1024
  /// The whole head, line ends included; larger is 431.
  public var head = 32 * 1024
  public var fields = 100
  /// The body where the route says nothing else; larger is 413.
  public var body = 1024 * 1024
  /// Whether POST, PUT and PATCH must say how long their body is (411).
  public var requiresLength = true

  public var chunkExtension = 256
  /// All chunk extensions of one body.
  public var chunkExtensions = 4 * 1024
  /// Framing (chunk heads, extensions, line ends) that a body may have: this, and `chunkOverheadRatio` for each octet
  /// of content. One octet a chunk is 5 octets of framing each.
  public var chunkOverhead = 16 * 1024
  public var chunkOverheadRatio = 6
  public var trailers = 8 * 1024
  /// What a compressed body may become: at no point more than `inflationRatio` times what has come of it, but for the
  /// first `inflationFloor` octets; and never more than the body's limit.
  public var inflationRatio = 100
  public var inflationFloor = 64 * 1024

  /// Answers to requests that came together, gathered for one write. Requests are taken one at a time, and nothing is
  /// read while one is at work, so what a client sends ahead waits in its own socket.
  public var pipelined = 16
  public var requestsPerConnection = 1_000
  public var connectionAge = 3_600_000
  public var connections = 20_000
  public var connectionsPerPeer = 5_000
  /// Connections in a handshake, or before a proxy's header; and connections whose head has begun and is not whole. One
  /// more closes the oldest of them.
  public var handshakes = 4_000
  public var halfSentHeads = 12_000
  /// Octets of bodies that are read, worked on or answered, of all connections together; then 503 before a body is read.
  public var memory = 256 * 1024 * 1024

  /// From the first octet of a head to its last, however it trickles; then 408.
  public var headDeadline = 10_000
  /// For a body: this, and the time its size takes at `bodyRate`; then 408.
  public var bodyDeadline = 10_000
  public var bodyRate = 8 * 1024
  /// A reader slower than this, over windows of `responseWindow`, is cut off.
  public var responseRate = 4 * 1024
  public var responseWindow = 10_000
  public var idle = 65_000
  public var idleUnderPressure = 15_000
  /// What is read and thrown away after an answer that came before the end of the request.
  public var lingeringOctets = 64 * 1024
  public var lingering = 2_000

  public init() {}
}
