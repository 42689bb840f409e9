import Events
import HTTP
import Posix

/// A token and where it is good.
struct Token: Sendable, Equatable {
  var text: String
  /// Scheme and host, without a slash at the end.
  var base: String
  /// Monotonic seconds after which it is not used any more.
  var expires: Int64

  var isFresh: Bool { Clock.monotonicNanoseconds() / 1_000_000_000 < expires }
  static func deadline(in seconds: Int64) -> Int64 { Clock.monotonicNanoseconds() / 1_000_000_000 + seconds }
}

/// One token for all who need one: the first who finds none signs in, the others wait for the same answer.
actor Session {
  private let signIn: @Sendable () async throws(Failure) -> Token
  private var token: Token?
  private var pending: Task<Result<Token, Failure>, Never>?

  init(_ signIn: @escaping @Sendable () async throws(Failure) -> Token) { self.signIn = signIn }

  /// `refused` is a token that was just turned away: it is not handed out again.
  func token(insteadOf refused: Token? = nil) async throws(Failure) -> Token {
    if let token, token != refused, token.isFresh { return token }
    if let pending { return try await pending.value.get() }
    let signIn = signIn
    let task = Task<Result<Token, Failure>, Never> {
      do throws(Failure) { return .success(try await signIn()) } catch { return .failure(error) }
    }
    pending = task
    let result = await task.value
    pending = nil
    token = try? result.get()
    return try result.get()
  }
}

/// `name=value&…`, for the token endpoints.
func form(_ members: KeyValuePairs<String, String>) -> [UInt8] {
  Array(members.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&").utf8)
}

/// Scheme and host of a URL in lower case, and the host alone.
func origin(of url: String) -> (origin: String, host: String)? {
  for scheme in ["https://", "http://"] where url.lowercased().hasPrefix(scheme) {
    let rest = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
    guard !rest.isEmpty, !rest.contains("@") else { return nil }
    let host = rest.hasPrefix("[") ? String(rest.prefix { $0 != "]" }) + "]" : String(rest.prefix { $0 != ":" })
    return (scheme + rest, host)
  }
  return nil
}
