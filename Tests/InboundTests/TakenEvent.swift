import Events
import Formats

/// An event with its payload read.
struct TakenEvent {
  let event: Event
  let payload: JSON

  init(_ event: Event) {
    self.event = event
    payload = (try? JSON.parse(event.payload)) ?? .null
  }

  var id: String { event.id }
  var key: String { event.key }
  var subject: String { event.subject }
  var change: Event.Change { event.change }

  func field(_ name: String) -> JSON? { payload["fields"]?[name] }
}
