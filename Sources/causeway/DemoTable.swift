import Events
import Formats
import Ledger
import Posix
import Queue
import Simulators

/// One chapter in the table at the end.
struct DemoRow: Sendable {
  let cells: [[String]]
}

/// What queue, ledger and both systems count, from the beginning of a chapter to its end.
struct DemoMeter {
  private let demo: Demo
  private let sequence: UInt64
  private let duplicates: UInt64
  private let run: Int64
  private let writes: [String: Int]
  private let calls: (salesforce: Int, netsuite: Int)
  private let start: Int64

  init(_ demo: Demo) async {
    self.demo = demo
    sequence = await Self.entries(demo, after: nil).last?.sequence ?? 0
    duplicates = await demo.program.queue.counts().duplicates
    run = ((try? await demo.program.ledger.runs(limit: 1)) ?? []).first?.id ?? 0
    writes = Self.writes(demo)
    calls = demo.story.productCalls
    start = Clock.monotonicNanoseconds()
  }

  func row(number: Int, title: String) async -> DemoRow {
    let milliseconds = (Clock.monotonicNanoseconds() - start) / 1_000_000
    let now = demo.story.productCalls
    return DemoRow(
      cells: [
        DemoTable.wrapped("\(number) \(title)", width: 22, indent: "  "), await cameIn(), await flows(), written(),
        ["\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"],
        ["\(now.salesforce - calls.salesforce) SF", "\(now.netsuite - calls.netsuite) NS"],
      ])
  }

  private func cameIn() async -> [String] {
    var counts: [Side: [String: Int]] = [:]
    for entry in await Self.entries(demo, after: sequence) where entry.event.kind != .run {
      let side: Side = entry.event.system.kind == .salesforce ? .salesforce : .netsuite
      counts[side, default: [:]][entry.event.subject, default: 0] += 1
    }
    let again = await demo.program.queue.counts().duplicates - duplicates
    return Self.lines(counts) + (again > 0 ? ["\(again) seen before"] : [])
  }

  private func flows() async -> [String] {
    let runs = ((try? await demo.program.ledger.runs(limit: 500)) ?? []).filter { ($0.id ?? 0) > run }
    return Set(runs.map(\.flow)).sorted().flatMap { flow -> [String] in
      let own = runs.filter { $0.flow == flow }
      let words: [(Run.Outcome, String)] = [
        (.written, "wrote"), (.unchanged, "same"), (.held, "held"), (.retry, "later"), (.dead, "dead"),
      ]
      let outcomes = words.compactMap { outcome, word -> String? in
        let count = own.filter { $0.outcome == outcome }.count
        return count == 0 ? nil : "\(count) \(word)"
      }
      return [flow, "  " + outcomes.joined(separator: ", ")]
    }
  }

  private func written() -> [String] {
    var counts: [Side: [String: Int]] = [:]
    for (record, count) in Self.writes(demo) {
      let type = String(record.prefix { $0 != " " })
      // Types of Salesforce begin with a capital letter.
      let side: Side = type.first?.isUppercase ?? false ? .salesforce : .netsuite
      let more = count - (writes[record] ?? 0)
      if more > 0 { counts[side, default: [:]][type, default: 0] += more }
    }
    return Self.lines(counts)
  }

  private static func lines(_ counts: [Side: [String: Int]]) -> [String] {
    [(Side.salesforce, "Salesforce"), (.netsuite, "NetSuite")].flatMap { side, name -> [String] in
      let own = (counts[side] ?? [:]).sorted { $0.key < $1.key }.map { "  \($0.value) \($0.key)" }
      return own.isEmpty ? [] : [name] + own
    }
  }

  private static func writes(_ demo: Demo) -> [String: Int] {
    demo.sandbox.salesforce.counters.writes.merging(demo.sandbox.netsuite.counters.writes) { $0 + $1 }
  }

  private static func entries(_ demo: Demo, after sequence: UInt64?) async -> [Entry] {
    (try? await demo.program.queue.list(Filter(), after: sequence, limit: 10_000)) ?? []
  }
}

enum DemoTable {
  static let heads = ["story", "came in", "flow", "written", "time", "calls"]
  static let rightmost = 120

  static func text(_ rows: [DemoRow]) -> String {
    let widths = heads.indices.map { column in
      rows.flatMap { $0.cells[column] }.map(\.count).max().map { max($0, heads[column].count) } ?? heads[column].count
    }
    let rule = "  " + widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var lines = [line(heads, widths), rule]
    for row in rows {
      for number in 0..<(row.cells.map(\.count).max() ?? 0) {
        lines.append(line(row.cells.map { $0.indices.contains(number) ? $0[number] : "" }, widths))
      }
      lines.append(rule)
    }
    return lines.map { String($0.prefix(rightmost)) }.joined(separator: "\n") + "\n"
  }

  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = " "
    for (cell, width) in zip(cells, widths) {
      line += " " + cell + String(repeating: " ", count: width - cell.count + 1)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  static func wrapped(_ text: String, width: Int, indent: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append((lines.isEmpty ? "" : indent) + word)
      }
    }
    return lines
  }
}
