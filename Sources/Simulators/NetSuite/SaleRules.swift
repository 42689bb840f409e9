import Formats

/// Orders, invoices, cash sales and credit memos: lines, prices, totals.
extension Books {
  /// Price level "Custom": the one under which a line's own rate stands.
  static let customLevel = "-1"

  mutating func number(_ entry: inout Entry, _ prefix: String) {
    if entry["tranDate"].isNull { entry["tranDate"] = .date(today) }
    if entry["tranId"].isNull { entry["tranId"] = .text("\(prefix)\(next("number \(prefix)", from: 1001))") }
  }

  /// What a transaction takes over from its customer.
  func inherit(_ entry: inout Entry, from field: String) {
    guard let customer = self.entry(entry[field].text, of: ["customer"]) else { return }
    for name in ["subsidiary", "currency"] where entry[name].isNull { entry[name] = customer[name] }
    if entry["exchangeRate"].isNull {
      let currency = self.entry(entry["currency"].text, of: ["currency"])
      entry["exchangeRate"] = currency?["exchangeRate"] ?? .int(1)
    }
  }

  mutating func settleSale(_ entry: inout Entry, before: Entry?, input: RecordInput) throws(NetSuiteError) {
    guard let customer = self.entry(entry["entity"].text, of: ["customer"]) else { throw .mustEnter("Customer") }
    if let before, before["entity"] != entry["entity"], isLinked(entry) {
      throw .user("The customer cannot be changed: the transaction has related transactions.", path: "entity")
    }
    inherit(&entry, from: "entity")
    if entry["terms"].isNull, before == nil { entry["terms"] = customer["terms"] }
    try checkCurrency(entry, customer)
    number(&entry, ["salesOrder": "SO", "invoice": "INV", "cashSale": "CS"][entry.type] ?? "CM")
    guard let lines = entry.lists["item"], !lines.isEmpty else {
      throw .user("You must enter at least one line item for this transaction.", path: "item")
    }
    try settleLines(&entry, before: before, customer: customer)
    let amounts = (entry.lists["item"] ?? []).map { $0["amount"].number ?? .zero }
    let subtotal = amounts.reduce(ExactDecimal.zero) { $0.plus($1) }.rounded(scale: 2, .halfUp)
    entry["subtotal"] = .number(subtotal)
    entry["taxTotal"] = .number(.zero)
    entry["total"] = .number(subtotal.plus(entry["shippingCost"].number ?? .zero))
    settleAddress(&entry, customer)
    switch entry.type {
    case "salesOrder": try settleOrder(&entry, before: before)
    case "invoice": settleInvoice(&entry, before: before)
    case "creditMemo": try settleApplied(&entry, before: before, total: entry["total"].number ?? .zero)
    default: entry["status"] = .text("B")
    }
  }

  private func isLinked(_ entry: Entry) -> Bool {
    all(.transaction).contains { $0["createdFrom"] == entry.reference }
  }

  /// A customer buys in its primary currency, and in those of its list.
  private func checkCurrency(_ entry: Entry, _ customer: Entry) throws(NetSuiteError) {
    let allowed = [customer["currency"]] + (customer.lists["currencyList"] ?? []).map { $0["currency"] }
    guard allowed.contains(entry["currency"]) else {
      throw .invalidValue(entry["currency"].text ?? "", "currency", path: "currency")
    }
  }

  private func settleAddress(_ entry: inout Entry, _ customer: Entry) {
    for (name, flag) in [("shippingAddress", "defaultShipping"), ("billingAddress", "defaultBilling")] {
      let isBlank = RecordCatalogue.address.allSatisfy { entry["\(name).\($0.name)"].isNull }
      if isBlank, let line = (customer.lists["addressBook"] ?? []).first(where: { $0[flag].isTrue }) {
        for field in RecordCatalogue.address { entry["\(name).\(field.name)"] = line[field.name] }
      }
    }
  }

  // MARK: lines

  private mutating func settleLines(_ entry: inout Entry, before: Entry?, customer: Entry) throws(NetSuiteError) {
    var lines = entry.lists["item"] ?? []
    let old = Dictionary(uniqueKeysWithValues: (before?.lists["item"] ?? []).map { ($0.key, $0) })
    for line in old.values where isHandled(line) && !lines.contains(where: { $0.key == line.key }) {
      throw .user("You cannot delete line \(line.key): it has been fulfilled or billed.", path: "item")
    }
    var previous = ExactDecimal.zero
    for index in lines.indices {
      let path = "item.items[\(index)]"
      let before = old[lines[index].key]
      guard let item = self.entry(lines[index]["item"].text, of: RecordCatalogue.items) else {
        throw .mustEnter("Item", path: path)
      }
      if item["isInactive"].isTrue, before == nil {
        throw .content("The item \(item["itemId"].text ?? "") is inactive.", path: path + ".item")
      }
      if let before, isHandled(before) { try keepHandled(lines[index], before, path) }
      lines[index]["itemType"] = item["itemType"]
      lines[index]["lineUniqueKey"] = .int(lines[index].unique)
      if lines[index]["isClosed"].isNull { lines[index]["isClosed"] = .bool(false) }
      if lines[index]["description"].isNull, before == nil { lines[index]["description"] = item["salesDescription"] }
      if item["itemType"] == .text("Discount") {
        discount(&lines[index], item, previous)
      } else {
        try price(&lines[index], before, item, entry, customer, path)
        previous = lines[index]["amount"].number ?? .zero
      }
      if entry.type == "salesOrder" {
        for field in ["quantityFulfilled", "quantityBilled"] where lines[index][field].isNull {
          lines[index][field] = .number(.zero)
        }
      }
    }
    entry.lists["item"] = lines
  }

  private func isHandled(_ line: Line) -> Bool {
    line["quantityFulfilled"].number?.isPositive ?? false || line["quantityBilled"].number?.isPositive ?? false
  }

  private func keepHandled(_ line: Line, _ before: Line, _ path: String) throws(NetSuiteError) {
    guard line["item"] == before["item"] else {
      throw .user("You cannot change the item of a line that has been fulfilled or billed.", path: path)
    }
    let done = [before["quantityFulfilled"].number, before["quantityBilled"].number].compactMap { $0 }.max() ?? .zero
    guard (line["quantity"].number ?? .zero) >= done else {
      throw .user("The quantity cannot be less than what has been fulfilled or billed.", path: path)
    }
  }

  /// A discount takes its percentage of the line above, or its own rate as the amount.
  private func discount(_ line: inout Line, _ item: Entry, _ previous: ExactDecimal) {
    if line["rate"].isNull { line["rate"] = item["rate"] }
    switch line["rate"] {
    case .text(let text):
      let percent = ExactDecimal(String(text.dropLast())) ?? .zero
      let amount = previous.times(percent).times(ExactDecimal("0.01") ?? .zero)
      line["amount"] = .number(amount.rounded(scale: 2, .halfUp))
    case .number(let rate): line["amount"] = .number(rate.rounded(scale: 2, .halfUp))
    default: line["amount"] = .number(.zero)
    }
    line["quantity"] = .null
  }

  /// The rate is the price level's, whatever was sent, unless the level is Custom or has no price for the item.
  private func price(
    _ line: inout Line, _ before: Line?, _ item: Entry, _ entry: Entry, _ customer: Entry, _ path: String
  ) throws(NetSuiteError) {
    if line["quantity"].isNull { line["quantity"] = .int(1) }
    let quantity = line["quantity"].number ?? .zero
    if line["price"].isNull { line["price"] = customer["priceLevel"].isNull ? .text("1") : customer["priceLevel"] }
    let listed =
      line["price"].text == Self.customLevel
      ? nil : listPrice(item, level: line["price"], currency: entry["currency"], quantity: quantity)
    if let listed {
      line["rate"] = .number(listed)
      line["amount"] = .number(listed.times(quantity).rounded(scale: 2, .halfUp))
      return
    }
    if let amount = line["amount"].number, line["amount"] != before?["amount"] ?? .null {
      if line["rate"].isNull || line["rate"] == before?["rate"] ?? .null {
        line["rate"] =
          quantity.isZero
          ? .null : amount.dividing(by: quantity, scale: 8, rounding: .halfUp).map { .number($0.normalized) } ?? .null
      }
      return
    }
    guard let rate = line["rate"].number else {
      throw .user("Please enter a value for Amount.", path: path + ".amount")
    }
    line["amount"] = .number(rate.times(quantity).rounded(scale: 2, .halfUp))
  }

  func listPrice(_ item: Entry, level: Cell, currency: Cell, quantity: ExactDecimal) -> ExactDecimal? {
    (item.lists["price"] ?? [])
      .filter {
        $0["priceLevel"] == level && $0["currencyPage"] == currency && ($0["quantity"].number ?? .zero) <= quantity
      }
      .max { ($0["quantity"].number ?? .zero) < ($1["quantity"].number ?? .zero) }?["price"].number
  }
}
