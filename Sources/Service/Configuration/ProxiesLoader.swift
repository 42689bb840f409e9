import Flows
import Net

/// Reads `proxies:`: the addresses that may speak for others.
struct ProxiesLoader {
  let problems: Problems

  func proxies(_ node: ConfigNode?) -> AddressRanges {
    guard let node else { return .none }
    guard let entries = node.list(problems) else { return .none }
    return AddressRanges(entries.compactMap(range))
  }

  private func range(_ node: ConfigNode) -> AddressRange? {
    guard let text = node.text(problems) else { return nil }
    if let range = AddressRange(text) { return range }
    problems.report(
      node.place, "expected an address or a range whose bits behind the prefix are 0, such as `10.0.0.0/8`, `::1`")
    return nil
  }
}
