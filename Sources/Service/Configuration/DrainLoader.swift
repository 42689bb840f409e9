import Flows

/// Reads `drain:`.
struct DrainLoader {
  let problems: Problems

  func drain(_ node: ConfigNode?) -> Drain {
    var drain = Drain()
    guard let map = node?.map(known: ["delay", "deadline"], problems) else { return drain }
    if let delay = time(map, "delay") { drain.delay = delay }
    if let deadline = time(map, "deadline") { drain.deadline = deadline }
    return drain
  }

  private func time(_ map: ConfigMap, _ key: String) -> Int? {
    guard let node = map[key], let time = node.milliseconds(problems) else { return nil }
    if time <= Self.longest { return time }
    problems.report(node.place, "`\(key)`: expected at most 10m")
    return nil
  }

  private static let longest = 600_000
}
