import Formats

/// `GET /sobjects/{object}/describe`: what `check` reads a schema snapshot from.
enum Describing {
  static func describe(_ object: SObject) -> JSON {
    [
      "name": .string(object.name), "label": .string(object.label), "keyPrefix": .string(object.prefix),
      "createable": true, "updateable": true, "deletable": true, "queryable": true,
      "custom": .bool(object.name.hasSuffix("__c")), "fields": .array(object.fields.map(field)),
    ]
  }

  private static func field(_ field: SObjectField) -> JSON {
    var (length, precision, scale): (Int64, Int64, Int64) = (0, 0, 0)
    let type: String
    var values: [String] = []
    var restricted = false
    switch field.kind {
    case .id: (type, length) = ("id", 18)
    case .text(let limit): (type, length) = ("string", Int64(limit))
    case .longText(let limit): (type, length) = ("textarea", Int64(limit))
    case .email: (type, length) = ("email", 80)
    case .phone: (type, length) = ("phone", 40)
    case .url: (type, length) = ("url", 255)
    case .picklist(let all, let isRestricted):
      (type, length, values, restricted) = ("picklist", 255, all, isRestricted)
    case .bool: type = "boolean"
    case .number(let digits, let places): (type, precision, scale) = ("double", Int64(digits), Int64(places))
    case .currency(let places): (type, precision, scale) = ("currency", 18, Int64(places))
    case .percent(let places): (type, precision, scale) = ("percent", 18, Int64(places))
    case .integer: (type, precision) = ("int", 9)
    case .date: type = "date"
    case .dateTime: type = "datetime"
    case .reference: (type, length) = ("reference", 18)
    }
    return [
      "name": .string(field.name), "label": .string(field.label), "type": .string(type), "length": .number(length),
      "precision": .number(precision), "scale": .number(scale), "nillable": .bool(!field.isRequired),
      "createable": .bool(field.isCreatable), "updateable": .bool(field.isUpdatable),
      "externalId": .bool(field.isExternalID), "unique": .bool(field.isUnique), "idLookup": .bool(field.isExternalID),
      "filterable": .bool(!field.isLongText), "custom": .bool(field.name.hasSuffix("__c")),
      "restrictedPicklist": .bool(restricted), "defaultedOnCreate": .bool(!field.fallback.isNull),
      "referenceTo": .array(field.targets.map { .string($0) }),
      "relationshipName": field.relationship.map { .string($0) } ?? .null,
      "picklistValues": .array(
        values.map { ["active": true, "defaultValue": false, "label": .string($0), "value": .string($0)] }),
    ]
  }
}
