import Formats

/// The life of a sales order: approved, shipped, billed, closed.
extension Books {
  mutating func settleOrder(_ entry: inout Entry, before: Entry?) throws(NetSuiteError) {
    if entry["orderStatus"].isNull { entry["orderStatus"] = .text("A") }
    let wasHandled = (before?.lists["item"] ?? []).contains {
      $0["quantityFulfilled"].number?.isPositive ?? false || $0["quantityBilled"].number?.isPositive ?? false
    }
    if let before, before["orderStatus"] != entry["orderStatus"], wasHandled {
      throw .invalidValue(entry["orderStatus"].text ?? "", "orderStatus", path: "orderStatus")
    }
    entry["status"] = .text(orderStatus(entry))
  }

  /// The letter of `status`, from the lines.
  private func orderStatus(_ entry: Entry) -> String {
    let lines = (entry.lists["item"] ?? []).filter { $0["itemType"] != .text("Discount") }
    if !lines.isEmpty, lines.allSatisfy({ $0["isClosed"].isTrue }) { return "H" }
    if let letter = entry["orderStatus"].text, letter != "B" { return letter }
    var (ordered, shippable, shipped, billed) = (
      ExactDecimal.zero, ExactDecimal.zero, ExactDecimal.zero, ExactDecimal.zero
    )
    for line in lines where !line["isClosed"].isTrue {
      let quantity = line["quantity"].number ?? .zero
      ordered = ordered.plus(quantity)
      billed = billed.plus(line["quantityBilled"].number ?? .zero)
      guard isFulfillable(line) else { continue }
      shippable = shippable.plus(quantity)
      shipped = shipped.plus(line["quantityFulfilled"].number ?? .zero)
    }
    if billed >= ordered { return shipped >= shippable ? "G" : shipped.isZero ? "B" : "D" }
    if shipped >= shippable { return "F" }
    if shipped.isZero { return "B" }
    return billed < shipped ? "E" : "D"
  }

  func isFulfillable(_ line: Line) -> Bool {
    entry(line["item"].text, of: RecordCatalogue.items)?["isFulfillable"].isTrue ?? false
  }

  /// After a fulfilment, an invoice or a payment: what it came from follows. None of it fires a script.
  mutating func settleOthers(_ entry: Entry, before: Entry?) {
    if ["itemFulfillment", "invoice", "cashSale"].contains(entry.type),
      let order = self.entry(entry["createdFrom"].text, of: ["salesOrder"])
    {
      refresh(order)
    }
    if entry.type == "customerPayment" || entry.type == "creditMemo" {
      let lines = (entry.lists["apply"] ?? []) + (before?.lists["apply"] ?? [])
      for document in Set(lines.compactMap { $0["doc"].text }) {
        if var invoice = self.entry(document, of: ["invoice"]) {
          settleInvoice(&invoice, before: invoice)
          store(invoice)
        }
      }
    }
  }

  private mutating func refresh(_ order: Entry) {
    var order = order
    let children = all(.transaction).filter { $0["createdFrom"] == order.reference }
    var lines = order.lists["item"] ?? []
    for index in lines.indices {
      let key = Cell.int(lines[index].key)
      func sum(_ types: [String], where condition: (Entry) -> Bool) -> ExactDecimal {
        children.filter { types.contains($0.type) && condition($0) }
          .flatMap { $0.lists["item"] ?? [] }.filter { $0["orderLine"] == key }
          .reduce(.zero) { $0.plus($1["quantity"].number ?? .zero) }
      }
      lines[index]["quantityFulfilled"] = .number(sum(["itemFulfillment"]) { $0["shipStatus"] == .text("C") })
      lines[index]["quantityBilled"] = .number(sum(["invoice", "cashSale"]) { _ in true })
    }
    order.lists["item"] = lines
    order["status"] = .text(orderStatus(order))
    let tracking = children.flatMap { $0.lists["package"] ?? [] }.compactMap { $0["packageTrackingNumber"].text }
    order["linkedTrackingNumbers"] = tracking.isEmpty ? .null : .text(tracking.joined(separator: " "))
    store(order)
  }

  // MARK: fulfilments

  mutating func settleFulfilment(_ entry: inout Entry, before: Entry?) throws(NetSuiteError) {
    guard let order = self.entry(entry["createdFrom"].text, of: ["salesOrder"]) else {
      throw .mustEnter("Created From")
    }
    number(&entry, "IF")
    if entry["shipStatus"].isNull { entry["shipStatus"] = .text("C") }
    entry["status"] = entry["shipStatus"]
    for (letter, field) in [("A", "pickedDate"), ("B", "packedDate"), ("C", "shippedDate")] {
      if entry["shipStatus"].text == letter, entry[field].isNull { entry[field] = entry["tranDate"] }
    }
    var lines = entry.lists["item"] ?? []
    lines.removeAll { $0["itemReceive"] == .bool(false) || $0["quantity"].number?.isZero ?? false }
    guard !lines.isEmpty else {
      throw .user("You must enter at least one line item for this transaction.", path: "item")
    }
    for index in lines.indices {
      let path = "item.items[\(index)]"
      guard let ordered = (order.lists["item"] ?? []).first(where: { .int($0.key) == lines[index]["orderLine"] }) else {
        throw .invalidValue(lines[index]["orderLine"].number?.description ?? "", "orderLine", path: path + ".orderLine")
      }
      lines[index]["item"] = ordered["item"]
      lines[index]["itemType"] = ordered["itemType"]
      lines[index]["itemReceive"] = .bool(true)
      lines[index]["lineUniqueKey"] = .int(lines[index].unique)
      let free = remaining(ordered, of: order, in: ["itemFulfillment"], except: entry.id)
      let quantity = lines[index]["quantity"].number ?? free
      guard !quantity.isNegative, quantity <= free else {
        throw .user("The quantity \(quantity) is more than remains to be fulfilled.", path: path + ".quantity")
      }
      lines[index]["quantity"] = .number(quantity)
    }
    entry.lists["item"] = lines
  }

  /// What of an ordered line is not yet on children of these types.
  func remaining(_ line: Line, of order: Entry, in types: [String], except: Int) -> ExactDecimal {
    let key = Cell.int(line.key)
    let done = all(.transaction)
      .filter { types.contains($0.type) && $0.id != except && $0["createdFrom"] == order.reference }
      .flatMap { $0.lists["item"] ?? [] }.filter { $0["orderLine"] == key }
      .reduce(ExactDecimal.zero) { $0.plus($1["quantity"].number ?? .zero) }
    return (line["quantity"].number ?? .zero).minus(done)
  }
}
