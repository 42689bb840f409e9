import Formats

/// The rules of each record type, applied to a draft before it is checked and stored.
extension Books {
  mutating func settle(_ entry: inout Entry, _ type: RecordType, before: Entry?, input: RecordInput)
    throws(NetSuiteError)
  {
    switch entry.type {
    case "customer": try settleCustomer(&entry, before: before, input: input)
    case "contact", "employee":
      let name = [entry["firstName"], entry["lastName"]].compactMap(\.text).joined(separator: " ")
      if entry["entityId"].isNull { entry["entityId"] = name.isEmpty ? .null : .text(name) }
      defaults(&entry, ["isInactive"])
      try refuseDouble(entry)
    case "salesOrder", "invoice", "cashSale", "creditMemo":
      try settleSale(&entry, before: before, input: input)
    case "itemFulfillment": try settleFulfilment(&entry, before: before)
    case "customerPayment": try settlePayment(&entry, before: before)
    case "customerDeposit":
      number(&entry, "DEP")
      entry["total"] = entry["payment"]
      entry["status"] = .text("B")
      inherit(&entry, from: "customer")
    default:
      if type.group == .item { try settleItem(&entry, type) } else { defaults(&entry, ["isInactive"]) }
    }
  }

  func defaults(_ entry: inout Entry, _ flags: [String]) {
    for flag in flags where entry[flag].isNull { entry[flag] = .bool(false) }
  }

  private mutating func settleCustomer(_ entry: inout Entry, before: Entry?, input: RecordInput) throws(NetSuiteError) {
    defaults(&entry, ["isInactive", "isPerson", "taxable"])
    if entry["isPerson"].isTrue {
      if entry["firstName"].isNull { throw .mustEnter("First Name") }
      if entry["lastName"].isNull { throw .mustEnter("Last Name") }
      entry["altName"] = .text([entry["firstName"], entry["lastName"]].compactMap(\.text).joined(separator: " "))
    } else {
      if entry["companyName"].isNull { throw .mustEnter("Company Name") }
      entry["altName"] = entry["companyName"]
    }
    if entry["creditHoldOverride"].isNull { entry["creditHoldOverride"] = .text("AUTO") }
    if entry["entityId"].isNull { entry["entityId"] = .text("CUST\(next("customer number", from: 1001))") }
    try refuseDouble(entry)
    if entry["subsidiary"].isNull { throw .mustEnter("Primary Subsidiary") }
    if entry["currency"].isNull {
      entry["currency"] = self.entry(entry["subsidiary"].text, of: ["subsidiary"])?["currency"] ?? .null
    }
    if let before, before["currency"] != entry["currency"], hasTransactions(entry) {
      throw .user("The primary currency cannot be changed: the customer has transactions.", path: "currency")
    }
    if let limit = entry["creditLimit"].number, limit.isNegative {
      throw .invalidValue("\(limit)", "creditLimit", path: "creditLimit")
    }
    var parent = self.entry(entry["parent"].text, of: ["customer"])
    while let ancestor = parent {
      guard ancestor.id != entry.id else { throw .user("A customer cannot be its own parent.", path: "parent") }
      parent = self.entry(ancestor["parent"].text, of: ["customer"])
    }
    settleAddresses(&entry, before: before, input: input)
  }

  private func hasTransactions(_ entry: Entry) -> Bool {
    all(.transaction).contains { $0["entity"] == entry.reference || $0["customer"] == entry.reference }
  }

  private func refuseDouble(_ entry: Entry) throws(NetSuiteError) {
    guard let name = entry["entityId"].text?.lowercased() else { return }
    let isTaken = all(entry.type).contains { $0.id != entry.id && $0["entityId"].text?.lowercased() == name }
    guard !isTaken else { throw .user("This entity already exists.") }
  }

  /// One address at most is the default for billing, and one for shipping: the last that was set takes it over.
  private func settleAddresses(_ entry: inout Entry, before: Entry?, input: RecordInput) {
    guard var lines = entry.lists["addressBook"] else { return }
    let old = Dictionary(uniqueKeysWithValues: (before?.lists["addressBook"] ?? []).map { ($0.key, $0) })
    for flag in ["defaultBilling", "defaultShipping"] {
      let fresh = lines.lastIndex { $0[flag].isTrue && old[$0.key]?[flag].isTrue != true }
      let chosen = fresh ?? lines.lastIndex { $0[flag].isTrue }
      for index in lines.indices { lines[index][flag] = .bool(index == chosen) }
    }
    for index in lines.indices {
      if lines[index]["addressee"].isNull { lines[index]["addressee"] = entry["altName"] }
      if lines[index]["country"].isNull { lines[index]["country"] = .text("US") }
      if lines[index]["isResidential"].isNull { lines[index]["isResidential"] = .bool(false) }
      if lines[index]["label"].isNull { lines[index]["label"] = lines[index]["addr1"] }
      lines[index]["addressId"] = .text(String(lines[index].key))
      lines[index]["addrText"] = .text(Self.text(of: lines[index].fields))
    }
    entry.lists["addressBook"] = lines
    let billing = lines.first { $0["defaultBilling"].isTrue }
    entry["defaultAddress"] = billing?["addrText"] ?? .null
  }

  static func text(of address: [String: Cell]) -> String {
    let town = ["city", "state", "zip"].compactMap { address[$0]?.text }.joined(separator: " ")
    let country = address["country"]?.text.flatMap { Places.countries[$0] }
    let rows = ["attention", "addressee", "addr1", "addr2", "addr3"].map { address[$0]?.text } + [town, country]
    return rows.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func settleItem(_ entry: inout Entry, _ type: RecordType) throws(NetSuiteError) {
    defaults(&entry, ["isInactive"])
    entry["itemType"] = .text(type.code)
    if entry["isFulfillable"].isNull {
      entry["isFulfillable"] = .bool(["InvtPart", "NonInvtPart", "Assembly", "Kit"].contains(type.code))
    }
    guard let name = entry["itemId"].text?.lowercased() else { return }
    let isTaken = all(.item).contains { $0.id != entry.id && $0["itemId"].text?.lowercased() == name }
    guard !isTaken else {
      throw .user(
        "Uniqueness error - An item with the name '\(entry["itemId"].text ?? "")' already exists.", path: "itemId")
    }
  }
}
