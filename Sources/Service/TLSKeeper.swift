import Crypto
import Logging
import Posix

/// Keeps the public listener's TLS as its files say.
///
/// The files are looked at every two seconds. What has changed, and then stayed for one look, is read, checked and put in
/// place for new connections; old ones keep what they began with. What is bad is logged and changes nothing.
final class TLSKeeper: Sendable {
  let server: TLSServer
  private let files: TLSFiles
  private let folder: String
  private let environment: [String: String]
  private let log: Logger
  private let now: @Sendable () -> Int64
  private let state: Lock<State>

  private struct State {
    /// As of the last time that they were read, and of the last look.
    var read: [FileMark]
    var seen: [FileMark]
    /// When each concern was last logged.
    var told: [TLSConcern: Int64] = [:]
    var refused = 0
  }

  /// Seconds between two looks, and until a concern is logged again: an alarm, a warning.
  static let pause = Duration.seconds(2)
  static let alarmPause: Int64 = 3_600
  static let warningPause: Int64 = 86_400

  /// Reads everything and checks it.
  init(
    _ files: TLSFiles, folder: String, environment: [String: String], log: Logger,
    now: @escaping @Sendable () -> Int64 = { Clock.wall().seconds }
  ) throws(StartError) {
    // Before they are read: a change while they are is seen by the first look.
    let mark = files.mark(folder, environment)
    do throws(Unusable) {
      server = TLSServer(try Self.context(files, folder, environment, now()))
    } catch {
      throw StartError("\(files.place.text): tls: \(error.description)")
    }
    self.files = files
    self.folder = folder
    self.environment = environment
    self.log = log
    self.now = now
    state = Lock(State(read: mark, seen: mark))
    tellConcerns()
  }

  /// Looks until its task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: Self.pause)) != nil { look() }
  }

  /// One look. `force`: somebody says that the files have changed.
  func look(force: Bool = false) {
    let mark = files.mark(folder, environment)
    let isDue = state.withLock { state in
      defer { state.seen = mark }
      // Certificate and key are two files: while one look differs from the next, somebody is still writing.
      guard force || mark != state.read && mark == state.seen else { return false }
      state.read = mark
      return true
    }
    if isDue { read() }
    tellConcerns()
    tellRefusals()
  }

  private func read() {
    do throws(Unusable) {
      server.replace(with: try Self.context(files, folder, environment, now()))
      state.withLock { $0.told = [:] }
      log.notice("certificates were read again; new connections take them")
    } catch {
      log.error(
        "the certificates on disk cannot be used; the old ones stay", metadata: ["error": "tls: \(error.description)"])
    }
  }

  private struct Unusable: Error { let description: String }

  private static func context(
    _ files: TLSFiles, _ folder: String, _ environment: [String: String], _ now: Int64
  ) throws(Unusable) -> TLSContext {
    do {
      return try TLSContext(files.read(folder, environment), now: now)
    } catch {
      throw Unusable(description: "\(error)")
    }
  }

  private func tellConcerns() {
    let now = now()
    let concerns = server.current.concerns(at: now)
    let news = state.withLock { state in
      let news = concerns.filter { concern in
        guard let last = state.told[concern] else { return true }
        return now - last >= (concern.isAlarm ? Self.alarmPause : Self.warningPause)
      }
      for concern in news { state.told[concern] = now }
      return news
    }
    for concern in news {
      log.log(level: concern.isAlarm ? .error : .warning, "\(concern)", metadata: ["of": "tls"])
    }
  }

  /// In one line, however many there were.
  private func tellRefusals() {
    let counted = server.counted
    let count = state.withLock { state in
      defer { state.refused = counted.certificatesRefused }
      return counted.certificatesRefused - state.refused
    }
    guard count > 0 else { return }
    log.warning(
      "client certificates were refused", metadata: ["count": "\(count)", "last": "\(counted.lastRefusal)"])
  }
}
