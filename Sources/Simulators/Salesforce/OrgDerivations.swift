import Formats

/// What the platform works out by itself: names, stages, prices, totals.
extension Org {
  /// Sets the derived fields of a row that is about to be stored.
  mutating func derive(_ row: inout Row, before: Row?, given: Set<String>) throws(SalesforceError) {
    switch row.object {
    case "Account":
      try Places.settle(&row.fields, prefix: "Billing", given: given)
      try Places.settle(&row.fields, prefix: "Shipping", given: given)
      try refuseCircle(row)
    case "Contact":
      try Places.settle(&row.fields, prefix: "Mailing", given: given)
      try Places.settle(&row.fields, prefix: "Other", given: given)
      row.fields["Name"] = .text(fullName(row))
    case "User": row.fields["Name"] = .text(fullName(row))
    case "Opportunity": try deriveOpportunity(&row, before: before, given: given)
    case "OpportunityLineItem": try deriveLine(&row, before: before, given: given)
    case "PricebookEntry": try derivePrice(&row, isNew: before == nil)
    default: break
    }
  }

  private func fullName(_ row: Row) -> String {
    [row["FirstName"], row["LastName"]].compactMap(\.text).joined(separator: " ")
  }

  private func refuseCircle(_ row: Row) throws(SalesforceError) {
    var parent = row["ParentId"].text
    var steps = 0
    while let id = parent, steps < 1000 {
      guard id != row.id else {
        throw SalesforceError(
          "CIRCULAR_DEPENDENCY", "attempt to save circular reference: ParentId", fields: ["ParentId"])
      }
      parent = rows[id]?["ParentId"].text
      steps += 1
    }
  }

  private mutating func deriveOpportunity(
    _ row: inout Row, before: Row?, given: Set<String>
  ) throws(SalesforceError) {
    let lines = all("OpportunityLineItem").filter { $0["OpportunityId"] == .text(row.id) }
    if let before, !lines.isEmpty {
      // With products an amount that is sent is not refused, and not stored.
      row.fields["Amount"] = before["Amount"]
      if before["Pricebook2Id"] != row["Pricebook2Id"] {
        throw .integrity("Pricebook2Id", "the price book cannot be changed while the opportunity has products")
      }
      if before["CurrencyIsoCode"] != row["CurrencyIsoCode"] {
        throw .integrity("CurrencyIsoCode", "the currency cannot be changed while the opportunity has products")
      }
    }
    guard let stage = OpportunityStage.all.first(where: { .text($0.name) == row["StageName"] }) else { return }
    if before?["StageName"] != row["StageName"] {
      if !given.contains("Probability") { row.fields["Probability"] = .number(ExactDecimal(stage.probability)) }
      if !given.contains("ForecastCategoryName") { row.fields["ForecastCategoryName"] = .text(stage.forecast) }
    }
    row.fields["ForecastCategory"] = .text(stage.forecast)
    if let date = row["CloseDate"].date {
      row.fields["FiscalYear"] = .int(date.year)
      row.fields["FiscalQuarter"] = .int((date.month + 2) / 3)
    }
    row.fields["IsWon"] = .bool(stage.isWon)
    row.fields["IsClosed"] = .bool(stage.isClosed)
    if before == nil { row.fields["HasOpportunityLineItem"] = .bool(false) }
    if let amount = row["Amount"].number, let probability = row["Probability"].number {
      let expected = amount.times(probability).times(ExactDecimal("0.01") ?? .zero)
      row.fields["ExpectedRevenue"] = .number(expected.rounded(scale: 2, .halfUp))
    }
  }

  private mutating func deriveLine(_ row: inout Row, before: Row?, given: Set<String>) throws(SalesforceError) {
    guard let opportunity = row["OpportunityId"].text.flatMap({ live($0) }) else {
      throw SalesforceError("INVALID_CROSS_REFERENCE_KEY", SalesforceError.badReference, fields: ["OpportunityId"])
    }
    if before == nil { try chooseEntry(&row, of: opportunity) }
    guard given.isDisjoint(with: ["UnitPrice"]) || given.isDisjoint(with: ["TotalPrice"]) else {
      throw .integrity("TotalPrice", "must specify either sales price or total price, not both")
    }
    guard let quantity = row["Quantity"].number, !quantity.isZero else {
      throw .integrity("Quantity", "the quantity must not be zero")
    }
    let discount = row["Discount"].number ?? .zero
    let factor = ExactDecimal(100).minus(discount)
    if given.contains("TotalPrice"), let total = row["TotalPrice"].number, !factor.isZero {
      let gross = total.times(ExactDecimal(100)).dividing(by: factor, scale: 10, rounding: .halfUp) ?? total
      row.fields["UnitPrice"] = .number(gross.dividing(by: quantity, scale: 2, rounding: .halfUp) ?? .zero)
    } else {
      let price = row["UnitPrice"].number ?? row["ListPrice"].number ?? .zero
      row.fields["UnitPrice"] = .number(price)
      let total = price.times(quantity).times(factor).times(ExactDecimal("0.01") ?? .zero)
      row.fields["TotalPrice"] = .number(total.rounded(scale: 2, .halfUp))
    }
    let price = row["UnitPrice"].number ?? .zero
    row.fields["Subtotal"] = .number(price.times(quantity).rounded(scale: 2, .halfUp))
    row.fields["CurrencyIsoCode"] = opportunity["CurrencyIsoCode"]
    if let product = row["Product2Id"].text.flatMap({ rows[$0] }) {
      row.fields["ProductCode"] = product["ProductCode"]
      row.fields["Name"] = .text("\(opportunity["Name"].text ?? "") \(product["Name"].text ?? "")")
    }
  }

  /// The price book entry by id, or the product's in the opportunity's price book; the first line chooses the book.
  private mutating func chooseEntry(_ row: inout Row, of opportunity: Row) throws(SalesforceError) {
    var book = opportunity["Pricebook2Id"].text
    let entry: Row?
    if let id = row["PricebookEntryId"].text {
      entry = live(id)
      if let product = row["Product2Id"].text, entry?["Product2Id"] != .text(product) {
        throw .integrity("Product2Id", "the product is not the price book entry's")
      }
    } else if let product = row["Product2Id"].text {
      let wanted = book ?? all("Pricebook2").first { $0["IsStandard"].isTrue }?.id ?? ""
      entry = all("PricebookEntry").first {
        $0["Product2Id"] == .text(product) && $0["Pricebook2Id"] == .text(wanted)
          && $0["CurrencyIsoCode"] == opportunity["CurrencyIsoCode"]
      }
    } else {
      throw SalesforceError(
        "REQUIRED_FIELD_MISSING", "Required fields are missing: [PricebookEntryId]", fields: ["PricebookEntryId"])
    }
    guard let entry else {
      throw .integrity("PricebookEntryId", "pricebook entry has been archived or does not exist")
    }
    guard entry["IsActive"].isTrue else { throw .integrity("PricebookEntryId", "pricebook entry is inactive") }
    if book == nil {
      book = entry["Pricebook2Id"].text
      if var parent = live(opportunity.id) {
        parent.fields["Pricebook2Id"] = entry["Pricebook2Id"]
        rows[parent.id] = parent
      }
    }
    guard entry["Pricebook2Id"] == .text(book ?? "") else {
      throw .integrity(
        "PricebookEntryId", "pricebook entry is in a different pricebook than the one assigned to the opportunity")
    }
    guard entry["CurrencyIsoCode"] == opportunity["CurrencyIsoCode"] else {
      throw .integrity("PricebookEntryId", "pricebook entry currency does not match opportunity currency")
    }
    row.fields["PricebookEntryId"] = .text(entry.id)
    row.fields["Product2Id"] = entry["Product2Id"]
    row.fields["ListPrice"] = entry["UnitPrice"]
    let siblings = all("OpportunityLineItem").filter { $0["OpportunityId"] == .text(opportunity.id) }
    row.fields["SortOrder"] = .int(
      siblings.compactMap { $0["SortOrder"].number?.intValue }.max().map { Int($0) + 1 } ?? 1)
  }

  private func derivePrice(_ row: inout Row, isNew: Bool) throws(SalesforceError) {
    guard let product = row["Product2Id"].text.flatMap({ live($0) }),
      let book = row["Pricebook2Id"].text.flatMap({ live($0) })
    else {
      throw SalesforceError("INVALID_CROSS_REFERENCE_KEY", SalesforceError.badReference, fields: ["Product2Id"])
    }
    row.fields["Name"] = product["Name"]
    row.fields["ProductCode"] = product["ProductCode"]
    guard isNew else { return }
    let same = all("PricebookEntry").filter {
      $0["Product2Id"] == row["Product2Id"] && $0["CurrencyIsoCode"] == row["CurrencyIsoCode"]
    }
    if same.contains(where: { $0["Pricebook2Id"] == row["Pricebook2Id"] }) {
      throw SalesforceError("DUPLICATE_VALUE", "This price definition already exists in this price book", fields: [])
    }
    let standard = same.contains { $0["Pricebook2Id"].text.flatMap { rows[$0] }?["IsStandard"].isTrue ?? false }
    guard standard || book["IsStandard"].isTrue else {
      throw SalesforceError("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product", fields: [])
    }
  }

  /// After a line changed, its opportunity's amount follows, and the opportunity counts as changed.
  mutating func settleParents(of row: Row, before: Row?) throws(SalesforceError) {
    guard row.object == "OpportunityLineItem", let id = row["OpportunityId"].text, var parent = live(id) else { return }
    let lines = all("OpportunityLineItem").filter { $0["OpportunityId"] == .text(id) }
    parent.fields["HasOpportunityLineItem"] = .bool(!lines.isEmpty)
    if !lines.isEmpty {
      let total = lines.reduce(ExactDecimal.zero) { $0.plus($1["TotalPrice"].number ?? .zero) }
      let quantity = lines.reduce(ExactDecimal.zero) { $0.plus($1["Quantity"].number ?? .zero) }
      parent.fields["Amount"] = .number(total)
      parent.fields["TotalOpportunityQuantity"] = .number(quantity)
    }
    stamp(&parent, isNew: false)
    commit(parent, .update)
  }
}
