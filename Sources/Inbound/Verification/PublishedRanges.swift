import Formats
import Net

/// Salesforce's list of its addresses, `https://ip-ranges.salesforce.com/ip-ranges.json`, shaped like the one that AWS
/// publishes:
///
///     { "syncToken": "…", "createDate": "…",
///       "prefixes": [ { "region": "…", "provider": "aws", "ip_prefix": [ "192.0.2.0/24", … ] }, … ],
///       "ipv6_prefixes": [ { "region": "…", "provider": "aws", "ipv6_prefix": [ "2001:db8::/32", … ] }, … ] }
///
/// A prefix may be a text instead of a list. All regions count: Salesforce asks to allow all of them.
enum PublishedRanges {
  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  static func read(_ file: [UInt8]) throws(Unreadable) -> [AddressRange] {
    let json: JSON
    do { json = try JSON.parse(file) } catch { throw Unreadable(description: "is not JSON: \(error)") }
    var ranges: [AddressRange] = []
    for list in ["prefixes", "ipv6_prefixes"] {
      for entry in json[list]?.array ?? [] {
        for name in ["ip_prefix", "ipv6_prefix"] {
          guard let value = entry[name] else { continue }
          for text in value.array ?? [value] {
            guard let range = text.string.flatMap({ AddressRange($0) }) else {
              throw Unreadable(description: "\(list) holds a \(name) that is no range of addresses")
            }
            ranges.append(range)
          }
        }
      }
    }
    guard !ranges.isEmpty else { throw Unreadable(description: "holds no ranges: prefixes, each with an ip_prefix") }
    return ranges
  }
}
