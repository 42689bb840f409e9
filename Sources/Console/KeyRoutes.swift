import Formats
import HTTP
import Service
import Web

/// `/api/v1/keys`: how each key of each endpoint was used.
enum KeyRoutes {
  static func list(_ call: Call) -> Response {
    .json((["keys": .array(call.parts.keys().map(\.json))] as JSON).bytes)
  }
}
