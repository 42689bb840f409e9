import Flows
import Formats
import Inbound

/// Reads `wsdl:` of an endpoint: the WSDLs of its outbound messages, `file:PATH` each, relative to the folder. A list has
/// one an object; where several messages are about one object, a map says which action each belongs to.
struct FieldListLoader {
  private let folder: String
  private let problems: Problems

  /// Bytes of one WSDL: two thousand fields, generously.
  private static let sizeLimit = 4 << 20

  init(_ settings: SettingsLoader) {
    folder = settings.folder
    problems = settings.problems
  }

  func lists(_ node: ConfigNode) -> FieldLists {
    if case .map(let pairs) = node.content { return byAction(pairs) }
    let nodes: [ConfigNode]
    if case .list(let items) = node.content { nodes = items } else { nodes = [node] }
    var lists: [String: OutboundMessageWSDL] = [:]
    for node in nodes {
      guard let list = wsdl(node) else { continue }
      guard lists.updateValue(list, forKey: list.object) == nil else {
        problems.report(
          node.place,
          "two WSDLs are about `\(list.object)`: say which action each belongs to, `wsdl: { 04k…: file:…, 04k…: file:… }`"
        )
        continue
      }
    }
    return .byObject(lists)
  }

  private func byAction(_ pairs: [ConfigNode.Pair]) -> FieldLists {
    var lists: [String: OutboundMessageWSDL] = [:]
    for pair in pairs {
      guard let action = SalesforceID.normalized(pair.key), action.hasPrefix("04k") else {
        problems.report(
          pair.keyPlace, "expected the id of an outbound message, 15 or 18 characters that begin with 04k")
        continue
      }
      guard let list = wsdl(pair.value) else { continue }
      guard lists.updateValue(list, forKey: action) == nil else {
        problems.report(pair.keyPlace, "the action has a WSDL already")
        continue
      }
    }
    return .byAction(lists)
  }

  private func wsdl(_ node: ConfigNode) -> OutboundMessageWSDL? {
    guard let text = node.text(problems) else { return nil }
    guard text.hasPrefix("file:"), text.count > "file:".count else {
      problems.report(node.place, "expected a file, `file:PATH`, relative to the configuration folder")
      return nil
    }
    let path = String(text.dropFirst("file:".count))
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path.hasPrefix("/") ? path : folder + "/" + path, limit: Self.sizeLimit)
    } catch {
      problems.report(node.place, "the file \(path) cannot be read: \(error)")
      return nil
    }
    do {
      return try OutboundMessageWSDL(bytes)
    } catch {
      problems.report(Problem(file: path, line: error.line, message: "\(error.message)"))
      return nil
    }
  }
}
