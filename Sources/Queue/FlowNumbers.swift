import Events

/// The keyed hash of a system that sends events.
struct SourceHash: Hashable {
  let hash: UInt64
}

/// What can be kept out of a lease by number: flows, for their runs, and systems, for what comes from them.
struct FlowNumbers {
  private(set) var flows: [String: UInt16] = [:]
  private(set) var sources: [SourceHash: UInt16] = [:]
  private var last: (source: SourceHash, number: UInt16)?
  /// Events that wait or are worked on, by number.
  var pending: [Int] = [0]
  /// Which systems a flow reads and writes.
  private let destinations: (@Sendable (String) -> [System])?

  private let key: IdentityKey

  init(_ key: IdentityKey, _ destinations: (@Sendable (String) -> [System])?) {
    self.key = key
    self.destinations = destinations
  }

  /// The numbers that they were known by.
  mutating func restore(_ flows: [String: UInt16], _ sources: [SourceHash: UInt16], _ rows: RowTable) {
    (self.flows, self.sources) = (flows, sources)
    pending = Array(repeating: 0, count: min(flows.count + sources.count, Int(UInt16.max)) + 1)
    rows.forEach(after: 0) { row in
      if row.state.isPending { pending[Int(row.flow)] += 1 }
      return true
    }
  }

  var count: Int { pending.count - 1 }

  mutating func number(of flow: String) -> UInt16 {
    if let known = flows[flow] { return known }
    let number = next()
    flows[flow] = number
    return number
  }

  mutating func number(of source: SourceHash) -> UInt16 {
    if let last, last.source == source { return last.number }
    let number = sources[source] ?? next()
    sources[source] = number
    last = (source, number)
    return number
  }

  /// Beyond 65,535, which no configuration has, the rest share one number and cannot be kept out apart.
  private mutating func next() -> UInt16 {
    let number = UInt16(clamping: count + 1)
    if Int(number) == count + 1 { pending.append(0) }
    return number
  }

  /// An event does not say where its flow writes, so a route stands for all of its flow's runs.
  func numbers(of routes: Set<Route>) -> Set<UInt16> { Set(routes.compactMap { flows[$0.flow] }) }

  /// Of the part; none for a lane, which has no number.
  func numbers(of part: WorkPart) -> Set<UInt16> {
    switch part {
    case .lane: return []
    case .flow(let name): return Set([flows[name]].compactMap { $0 })
    case .destination(let system):
      var numbers = Set([sources[SourceHash(system, key)]].compactMap { $0 })
      for (name, number) in flows where destinations?(name).contains(system) == true { numbers.insert(number) }
      return numbers
    }
  }
}
