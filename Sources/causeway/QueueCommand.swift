import ArgumentParser
import Console
import Crypto
import Formats
import Queue
import Service

struct QueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Verify, measure, back up, restore and export the queue on disk.",
    discussion: """
      All of it reads the queue's files, whether `serve` runs or not, and changes nothing of them. Of an encrypted queue \
      --config has to say where the keys are.

      EXAMPLES
        causeway queue verify --config deploy/lead-to-cash
        causeway queue stats --config deploy/lead-to-cash --json
        causeway queue backup /backups/monday --config deploy/lead-to-cash
        causeway queue restore /backups/monday --config deploy/lead-to-cash
        causeway queue export --config deploy/lead-to-cash > events.ndjson
      """,
    subcommands: [QueueVerify.self, QueueStats.self, QueueBackUp.self, QueueRestore.self, QueueExport.self])
}

/// Which queue is meant: the data folder's, or a backup.
struct QueueOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("A backup's folder, instead of the data folder's queue.", valueName: "dir"))
  var from: String?
  @OptionGroup var admin: AdminOptions

  func folder() throws -> String {
    let folder = try from ?? DataFolder.queue(in: admin.folder())
    guard Paths.exists(folder) else { throw Failed("there is no queue in \(folder)") }
    return folder
  }
}

/// What the queue says, as a command says it.
func asking<Value>(_ work: () throws -> Value) throws -> Value {
  do {
    return try work()
  } catch let error as QueueError {
    if case .storage(let why) = error { throw Failed(why) }
    throw Failed("\(error)")
  }
}

struct QueueVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read every byte of the queue and name what is damaged.",
    discussion: """
      A line for each place that is not as it was written: its segment, where in it, and the sequences of the events and \
      records that cannot be read. Exit 1 where something is missing that was acknowledged. The end of the last segment \
      alone, cut short by a power cut or written at this moment, is named and is no error: nobody was told of it.

      EXAMPLES
        causeway queue verify --config deploy/lead-to-cash
        causeway queue verify --from /backups/monday --json
      """)

  @OptionGroup var queue: QueueOption

  func run() async throws {
    let folder = try queue.folder()
    let encryption = try queue.admin.encryption()
    let found = try asking { try FileQueue.verify(folder: folder, encryption: encryption) }
    QueueText.say(found, json: queue.admin.json)
    if found.isCorrupt { throw Failed("\(folder) is damaged") }
  }
}

struct QueueStats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Segments, bytes, events by state, the oldest that waits, and what repeats are told by.",
    discussion: """
      EXAMPLES
        causeway queue stats --config deploy/lead-to-cash
        causeway queue stats --config deploy/lead-to-cash --json
      """)

  @OptionGroup var queue: QueueOption

  func run() async throws {
    let folder = try queue.folder()
    let encryption = try queue.admin.encryption()
    QueueText.say(
      try asking { try FileQueue.statistics(folder: folder, encryption: encryption) }, json: queue.admin.json)
  }
}

struct QueueBackUp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the queue into a new folder, while it is loaded or not, and verify the copy.",
    discussion: """
      All that was acknowledged before the command began is in it. Finished segments are linked where the folder is on \
      the same file system, and copied otherwise; the last one is copied as far as it is whole. A link costs no space \
      and does not outlive the disk: copy the folder elsewhere. What is erased later is erased in a link too.

      The ledger is not in it: `sqlite3 ledger.db ".backup FILE"` copies that while it is written.

      EXAMPLES
        causeway queue backup /backups/monday --config deploy/lead-to-cash
      """)

  @Argument(help: ArgumentHelp("A folder that is empty or new.", valueName: "folder"))
  var target: String
  @OptionGroup var admin: AdminOptions

  func run() async throws {
    let folder = DataFolder.queue(in: try admin.folder())
    guard Paths.exists(folder) else { throw Failed("there is no queue in \(folder)") }
    let encryption = try admin.encryption()
    let made = try asking { try QueueBackup.copy(from: folder, to: target, links: true, encryption: encryption) }
    QueueText.say(made, json: admin.json)
    if made.isCorrupt { throw Failed("\(target) is damaged: `causeway queue verify` says whether the queue is, too") }
  }
}

struct QueueRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Copy a backup into the data folder, which must hold no queue yet.",
    discussion: """
      Nothing is written unless the backup is whole. What was worked on after it was made is worked on again, which is \
      harmless: both systems are read before a write. What was acknowledged after it is not in it.

      EXAMPLES
        causeway queue restore /backups/monday --config deploy/lead-to-cash
      """)

  @Argument(help: ArgumentHelp("What `causeway queue backup` made.", valueName: "folder"))
  var backup: String
  @OptionGroup var admin: AdminOptions

  func run() async throws {
    guard Paths.exists(backup) else { throw Failed("there is no queue in \(backup)") }
    let target = DataFolder.queue(in: try admin.folder())
    let encryption = try admin.encryption()
    QueueText.say(
      try asking { try QueueBackup.restore(from: backup, to: target, encryption: encryption) }, json: admin.json)
  }
}

struct QueueExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Every event with its payload, oldest first, one JSON object a line.",
    discussion: """
      As `events list --json` shows it, and `payload`: what was sent, in base64, byte for byte. An event that was erased \
      has none. Exit 1 where an event cannot be read; it is named on standard error, and the others are exported.

      EXAMPLES
        causeway queue export --config deploy/lead-to-cash > events.ndjson
        causeway queue export --from /backups/monday | jq -r '.payload | @base64d'
      """)

  @OptionGroup var queue: QueueOption

  func run() async throws {
    let folder = try queue.folder()
    let encryption = try queue.admin.encryption()
    let unreadable = try asking {
      try FileQueue.export(folder: folder, encryption: encryption) { entry in
        guard case .object(var json) = EventView.json(entry) else { return }
        json["payload"] = .string(Base64.encode(entry.event.payload))
        Output.line(JSON.object(json).text)
      }
    }
    if !unreadable.isEmpty {
      throw Failed("\(folder): cannot be read: \(unreadable.map { "\($0)" }.joined(separator: ", "))")
    }
  }
}
