import CBench
import Glibc

/// Our queue in process: see `bench.h` for the commands and their answers. `append-together` and `work-together` are
/// driven as the peers in C are.
@main struct Main {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else { bench_fail("queue-bench", "FOLDER is needed") }
    var contestant = try Contestant(folder: CommandLine.arguments[1])
    while let line = readLine(), line != "end" {
      let words = line.split(separator: " ")
      switch (words.first, words.count) {
      case ("append", 3): write(try await phase(words, contestant.append))
      case ("append-together", 3): write(try await phase(words, contestant.appendTogether))
      case ("work", 3): write(try await phase(words, contestant.work))
      case ("work-together", 3): write(try await phase(words, contestant.workTogether))
      case ("count", 1): write(try await contestant.count())
      default: bench_fail("not a command", line)
      }
    }
    await contestant.close()
  }

  private static func phase(
    _ words: [Substring], _ run: (Int, Double) async throws -> PhaseResult
  ) async throws -> String {
    guard let callers = Int(words[1]), let seconds = Double(words[2]) else {
      bench_fail("not a command", words.joined(separator: " "))
    }
    return try await run(callers, seconds).line
  }

  private static func write(_ line: String) {
    print(line)
    fflush(nil)
  }
}
