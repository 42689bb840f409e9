import Events
import Formats
import HTTP
import Queue
import Web

/// `/api/v1/pauses`: what is paused; and `/api/v1/pauses/pause` and `/resume`: `{"changed":n}`, with the pause where there
/// is one.
enum PauseRoutes {
  nonisolated(nonsending) static func list(_ call: Call) async -> Response {
    do {
      let pauses = try await call.parts.queue.pauses()
      return .json((["pauses": .array(pauses.map(json))] as JSON).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  nonisolated(nonsending) static func pause(_ call: Call) async -> Response {
    await apply(call) { queue, part in try await queue.pause(part) }
  }

  nonisolated(nonsending) static func resume(_ call: Call) async -> Response {
    await apply(call) { queue, part in try await queue.resume(part) }
  }

  private nonisolated(nonsending) static func apply(
    _ call: Call, _ change: nonisolated(nonsending) (any EventQueue, WorkPart) async throws -> Bool
  ) async -> Response {
    do {
      try ChangeRoutes.requireJSON(call.request)
      let part = try part(call.request.body, call.parts)
      let changed = try await change(call.parts.queue, part)
      var answer: JSONObject = ["changed": .number(changed ? 1 as Int64 : 0)]
      answer["pause"] = try await call.parts.queue.pauses().first { $0.part == part }.map(json)
      return .json(JSON.object(answer).bytes)
    } catch {
      return EventRoutes.answer(to: error)
    }
  }

  /// `{"flow":"order"}`, `{"destination":"erp"}` by a connection's name or as `netsuite:1234567`, or
  /// `{"system":"causeway:order","key":"006…"}` for a lane.
  private static func part(_ body: [UInt8], _ parts: ConsoleParts) throws(Refusal) -> WorkPart {
    guard let object = (try? JSON.parse(body))?.object else { throw Refusal("The body has to be a JSON object.") }
    var texts: [String: String] = [:]
    for (name, value) in object { texts[name] = value.string }
    guard texts.count == object.count else { throw Refusal("What names the part has to be text.") }
    if let flow = texts["flow"], !flow.isEmpty, texts.count == 1 { return .flow(flow) }
    if let name = texts["destination"], texts.count == 1 { return .destination(try destination(name, parts)) }
    if let system = texts["system"], let key = texts["key"], texts.count == 2 {
      guard let system = System(parsing: system) else { throw Refusal(Self.systemForm) }
      return .lane(Lane(system: system, key: key))
    }
    throw Refusal("A part is named by `flow`, by `destination`, or by `system` and `key`.")
  }

  private static func destination(_ name: String, _ parts: ConsoleParts) throws(Refusal) -> System {
    if let connection = parts.connections().first(where: { $0.name == name }),
      let kind = System.Kind(rawValue: connection.kind)
    {
      return System(kind, connection.account)
    }
    guard let system = System(parsing: name) else {
      throw Refusal("There is no connection of that name. " + systemForm)
    }
    return system
  }

  private static let systemForm = "A system is written as events show it: `netsuite:1234567`."

  private static func json(_ pause: Pause) -> JSON {
    var json: JSONObject = [
      "part": .string(pause.part.description), "since": .string(pause.since.description),
      "waiting": .number(Int64(pause.waiting)), "leased": .number(Int64(pause.leased)),
    ]
    switch pause.part {
    case .flow(let name): json["flow"] = .string(name)
    case .destination(let system): json["destination"] = .string(system.description)
    case .lane(let lane):
      json["system"] = .string(lane.system.description)
      json["key"] = .string(lane.key)
    }
    return .object(json)
  }
}
