import Formats

/// `POST /salesOrder/{id}/!transform/invoice` and its likes: a draft from the source, the body laid over it, then stored.
extension Books {
  mutating func transform(
    _ source: RecordType, _ id: Int, to target: RecordType, _ input: RecordInput, replaced: Replaced
  ) throws(NetSuiteError) -> Int {
    guard let from = entry(source, id) else { throw .missing }
    let draft: Entry
    switch (source.name, target.name) {
    case ("salesOrder", "itemFulfillment"): draft = try fulfilment(from)
    case ("salesOrder", "invoice"), ("salesOrder", "cashSale"): draft = try bill(from, target.name)
    case ("invoice", "customerPayment"): draft = try payment(from)
    case ("invoice", "creditMemo"): draft = try credit(from)
    default:
      throw NetSuiteError(
        "The transformation of \(source.name) to \(target.name) is not supported.", code: "INVALID_REQUEST")
    }
    return try create(draft, target, input, replaced: replaced)
  }

  private func refused(_ target: String, _ order: Entry) -> NetSuiteError {
    .user("You can not initialize \(target): invalid reference \(order.id).")
  }

  private func draft(_ type: String, from source: Entry, _ fields: [String]) -> Entry {
    var entry = Entry(type: type, id: 0)
    for field in fields { entry[field] = source[field] }
    for (name, cell) in source.fields where name.hasPrefix("shippingAddress.") || name.hasPrefix("billingAddress.") {
      entry[name] = cell
    }
    entry["createdFrom"] = source.reference
    return entry
  }

  private mutating func fulfilment(_ order: Entry) throws(NetSuiteError) -> Entry {
    guard ["B", "D", "E"].contains(order["status"].text ?? "") else { throw refused("itemFulfillment", order) }
    var entry = draft("itemFulfillment", from: order, ["entity", "subsidiary", "shipMethod", "currency"])
    entry.fields = entry.fields.filter { !$0.key.hasPrefix("billingAddress.") }
    for line in order.lists["item"] ?? [] where !line["isClosed"].isTrue && isFulfillable(line) {
      let free = remaining(line, of: order, in: ["itemFulfillment"], except: 0)
      guard free.isPositive else { continue }
      add(line, to: &entry, ["item", "description", "custcol_crm_line", "location"], quantity: free)
    }
    guard !(entry.lists["item"] ?? []).isEmpty else { throw refused("itemFulfillment", order) }
    return entry
  }

  private mutating func bill(_ order: Entry, _ type: String) throws(NetSuiteError) -> Entry {
    let states = invoicesInAdvance ? ["B", "D", "E", "F"] : ["E", "F"]
    guard states.contains(order["status"].text ?? "") else { throw refused(type, order) }
    var entry = draft(
      type, from: order,
      [
        "entity", "subsidiary", "currency", "exchangeRate", "terms", "salesRep", "memo", "otherRefNum", "location",
        "department", "class", "shippingCost", "email",
      ])
    for line in order.lists["item"] ?? [] where !line["isClosed"].isTrue {
      let isDiscount = line["itemType"] == .text("Discount")
      var free = remaining(line, of: order, in: ["invoice", "cashSale"], except: 0)
      if !invoicesInAdvance, isFulfillable(line) {
        let billed = (line["quantity"].number ?? .zero).minus(free)
        free = (line["quantityFulfilled"].number ?? .zero).minus(billed)
      }
      guard isDiscount || free.isPositive else { continue }
      let copied = lineNames.filter { !["quantity", "amount", "orderLine", "isClosed"].contains($0) }
      add(line, to: &entry, copied, quantity: isDiscount ? nil : free)
    }
    guard (entry.lists["item"] ?? []).contains(where: { $0["itemType"] != .text("Discount") }) else {
      throw refused(type, order)
    }
    return entry
  }

  /// The lines' writable fields; a custom one that was added later goes along too.
  private var lineNames: [String] {
    (types["salesorder"]?.sublist("item")?.fields ?? []).filter { !$0.isReadOnly || $0.name == "itemType" }.map(\.name)
  }

  private mutating func add(_ line: Line, to entry: inout Entry, _ names: [String], quantity: ExactDecimal?) {
    var fields: [String: Cell] = ["orderLine": .int(line.key)]
    if entry.type == "itemFulfillment" { fields["itemReceive"] = .bool(true) }
    for name in names { fields[name] = line[name] }
    if let quantity { fields["quantity"] = .number(quantity) }
    entry.lists["item", default: []].append(Line(key: line.key, unique: next("line", from: 5001), fields: fields))
    entry.nextLine["item"] = max(entry.nextLine["item"] ?? 1, line.key + 1)
  }

  private mutating func payment(_ invoice: Entry) throws(NetSuiteError) -> Entry {
    guard let due = invoice["amountRemaining"].number, due.isPositive else { throw refused("customerPayment", invoice) }
    var entry = Entry(type: "customerPayment", id: 0)
    entry["customer"] = invoice["entity"]
    for name in ["subsidiary", "currency"] { entry[name] = invoice[name] }
    if let list = types["customerpayment"]?.sublist("apply") {
      let line = newLine(["doc": invoice.reference, "apply": .bool(true)], &entry, list)
      entry.lists["apply"] = [line]
    }
    return entry
  }

  private mutating func credit(_ invoice: Entry) throws(NetSuiteError) -> Entry {
    var entry = draft("creditMemo", from: invoice, ["entity", "subsidiary", "currency", "exchangeRate", "memo"])
    for line in invoice.lists["item"] ?? [] {
      add(line, to: &entry, ["item", "rate", "price", "description"], quantity: line["quantity"].number)
    }
    return entry
  }
}
