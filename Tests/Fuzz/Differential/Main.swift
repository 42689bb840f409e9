import Glibc
import HTTP

/// Makes streams of requests and writes out those of which something is accepted, with what was read of them:
/// `fuzz-streams SEED COUNT [FOLDER OF STREAMS…]`. A stream depends on its own seed alone: the first has SEED, the next
/// one more.
@main
enum Main {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let seed = UInt64(arguments[1]), let count = Int(arguments[2]) else {
      preconditionFailure("usage: fuzz-streams SEED COUNT [FOLDER…]")
    }
    let maker = StreamMaker(samples: arguments.dropFirst(3).flatMap(Files.contents))
    var output = Output()
    var seen: Set<UInt64> = []
    for number in 0..<UInt64(count) {
      let stream = maker.stream(seed: seed &+ number)
      let reading = Reading(of: stream)
      guard !reading.messages.isEmpty, seen.insert(hash(stream)).inserted else { continue }
      output.write(seed &+ number, stream, reading)
    }
    output.finish()
  }

  /// FNV-1a: tells streams apart that were met before.
  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// The form that `compare.py` reads: integers are little endian, texts and bodies have their lengths before them.
struct Output {
  private var bytes: [UInt8] = []

  mutating func write(_ seed: UInt64, _ stream: [UInt8], _ reading: Reading) {
    append(seed)
    append(stream)
    append(UInt32(reading.messages.count))
    for message in reading.messages {
      append(Array(message.head.method.rawValue.utf8))
      append(Array(message.head.target.utf8))
      bytes.append(message.head.version == .http11 ? 1 : 0)
      switch message.head.framing {
      case .none: append(UInt64.max)
      case .chunked: append(UInt64.max - 1)
      case .length(let length): append(UInt64(length))
      }
      append(message.body)
      bytes.append(message.isComplete ? 1 : 0)
      append(UInt32(message.bodyStart))
      append(UInt32(message.end))
    }
    if bytes.count > 1 << 20 { finish() }
  }

  mutating func finish() {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
      guard count > 0 else { exit(1) }
      start += count
    }
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ some: [UInt8]) {
    append(UInt32(some.count))
    bytes += some
  }

  private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }
}

enum Files {
  /// What the files of a folder hold, in the order of their names.
  static func contents(_ folder: String) -> [[UInt8]] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted().compactMap { read("\(folder)/\($0)") }
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    bytes.removeSubrange(fread(&bytes, 1, bytes.count, file)...)
    return bytes
  }
}
