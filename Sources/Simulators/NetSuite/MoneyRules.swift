import Formats

/// Invoices and what is applied to them.
extension Books {
  mutating func settleInvoice(_ entry: inout Entry, before: Entry?) {
    let total = entry["total"].number ?? .zero
    let paid = applied(to: entry, except: nil)
    entry["amountPaid"] = .number(paid)
    entry["amountRemaining"] = .number(total.minus(paid))
    entry["status"] = .text(total.minus(paid).isPositive || (total.isZero && before == nil) ? "A" : "B")
    if entry["dueDate"].isNull, let date = entry["tranDate"].date {
      let days = self.entry(entry["terms"].text, of: ["term"])?["daysUntilNetDue"].number?.intValue ?? 0
      entry["dueDate"] = .date(date.adding(days: Int(days)))
    }
  }

  /// What payments and credits have applied to an invoice.
  func applied(to invoice: Entry, except: Int?) -> ExactDecimal {
    all(.transaction).filter { $0.id != except }.flatMap { $0.lists["apply"] ?? [] }
      .filter { $0["doc"] == invoice.reference && $0["apply"].isTrue }
      .reduce(.zero) { $0.plus($1["amount"].number ?? .zero) }
  }

  mutating func settlePayment(_ entry: inout Entry, before: Entry?) throws(NetSuiteError) {
    inherit(&entry, from: "customer")
    number(&entry, "PYMT")
    guard self.entry(entry["customer"].text, of: ["customer"]) != nil else { throw .mustEnter("Customer") }
    if entry["autoApply"].isTrue, (entry.lists["apply"] ?? []).isEmpty { applyToOldest(&entry) }
    try settleApplied(&entry, before: before, total: entry["payment"].number)
    entry["total"] = entry["payment"]
    entry["status"] = .text(entry["account"].isNull ? "B" : "C")
  }

  private mutating func applyToOldest(_ entry: inout Entry) {
    var rest = entry["payment"].number ?? .zero
    guard let list = types["customerpayment"]?.sublist("apply") else { return }
    for invoice in all("invoice") where invoice["entity"] == entry["customer"] && rest.isPositive {
      let due = invoice["amountRemaining"].number ?? .zero
      guard due.isPositive else { continue }
      let amount = min(due, rest)
      rest = rest.minus(amount)
      let line = newLine(["doc": invoice.reference, "apply": .bool(true), "amount": .number(amount)], &entry, list)
      entry.lists["apply", default: []].append(line)
    }
  }

  /// Lines that are not ticked are none. Nobody applies more than is due, nor more than there is.
  mutating func settleApplied(_ entry: inout Entry, before: Entry?, total: ExactDecimal?) throws(NetSuiteError) {
    var lines = (entry.lists["apply"] ?? []).filter { $0["apply"].isTrue }
    let owner = entry["customer"].isNull ? entry["entity"] : entry["customer"]
    var sum = ExactDecimal.zero
    for index in lines.indices {
      let path = "apply.items[\(index)]"
      guard let invoice = self.entry(lines[index]["doc"].text, of: ["invoice"]), invoice["entity"] == owner else {
        throw .invalidValue(lines[index]["doc"].text ?? "", "doc", path: path + ".doc")
      }
      let due = (invoice["total"].number ?? .zero).minus(applied(to: invoice, except: entry.id))
      let amount = lines[index]["amount"].number ?? (total.map { min(due, $0.minus(sum)) } ?? due)
      guard amount <= due, !amount.isNegative else {
        throw .user("The amount \(amount) is more than is due on \(name(of: invoice)).", path: path + ".amount")
      }
      lines[index]["amount"] = .number(amount)
      lines[index]["refNum"] = invoice["tranId"]
      lines[index]["total"] = invoice["total"]
      lines[index]["due"] = .number(due.minus(amount))
      sum = sum.plus(amount)
    }
    let available = total ?? sum
    guard sum <= available else { throw .user("The amounts applied are more than the payment.", path: "payment") }
    if entry.type == "customerPayment" { entry["payment"] = .number(available) }
    entry["applied"] = .number(sum)
    entry["unapplied"] = .number(available.minus(sum))
    if entry.type == "creditMemo" {
      entry["amountRemaining"] = .number(available.minus(sum))
      entry["status"] = .text(available.minus(sum).isPositive ? "A" : "B")
    }
    entry.lists["apply"] = lines
  }

  /// What a customer owes now; not stored, so that a payment does not count as a change of the customer.
  func balance(of customer: Entry) -> ExactDecimal {
    all("invoice").filter { $0["entity"] == customer.reference }
      .reduce(.zero) { $0.plus($1["amountRemaining"].number ?? .zero) }
  }
}
