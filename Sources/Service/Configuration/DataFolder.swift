import Glibc

/// Where the program keeps what it must not lose.
public enum DataFolder {
  /// The configuration's folder for data, unless another is given; relative paths start at the configuration folder.
  public static func path(_ settings: Settings, override: String?) -> String {
    if let override { return override }
    return settings.data.hasPrefix("/") ? settings.data : settings.folder + "/" + settings.data
  }

  public static func queue(in folder: String) -> String { folder + "/queue" }
  public static func ledger(in folder: String) -> String { folder + "/ledger.db" }
  /// Where the command line talks to a running service.
  public static func controlSocket(in folder: String) -> String { folder + "/control.sock" }

  /// The queue's lock tells that no other process listens there.
  static func removeStale(_ socket: String) { unlink(socket) }

  static func protect(_ socket: String) { chmod(socket, 0o600) }
}
