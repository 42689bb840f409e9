import Formats

/// The tables that queries can name, made from the records when one is asked for.
///
/// Columns are the record's fields in lower case, but where SuiteQL calls a thing otherwise than the record API.
struct SuiteQLTables {
  let books: Books

  func table(_ name: String, _ hints: SQLHints) -> SQLTable? {
    switch name {
    case "dual": SQLTable(["dummy"], [[.text("X")]])
    case "customer", "contact", "employee": entities(name, hints)
    case "entity": allEntities(hints)
    case "customeraddressbook": addressBook(hints)
    case "customeraddressbookentityaddress": addresses()
    case "customersubsidiaryrelationship": relationships(hints)
    case "item": items(hints)
    case "itemprice", "pricing": prices(hints)
    case "transaction": TransactionTables(books: books).transactions(hints)
    case "transactionline": TransactionTables(books: books).lines(hints)
    case "previoustransactionlinelink", "nexttransactionlinelink": TransactionTables(books: books).links(hints)
    case "trackingnumber": TransactionTables(books: books).trackingNumbers()
    case "trackingnumbermap": TransactionTables(books: books).trackingMap()
    case "transactionshippingaddress": TransactionTables(books: books).addresses("shippingAddress")
    case "transactionbillingaddress": TransactionTables(books: books).addresses("billingAddress")
    case "subsidiary", "currency", "term", "pricelevel", "location", "department", "classification", "account",
      "customercategory", "customerstatus", "shipitem", "paymentmethod":
      list(name, hints)
    default: nil
    }
  }

  // MARK: helpers

  /// Entries that the hint on `id` leaves.
  static func chosen(_ entries: [Books.Entry], _ hints: SQLHints) -> [Books.Entry] {
    guard let ids = hints["id"] else { return entries }
    return entries.filter { ids.contains(String($0.id)) }
  }

  /// The value of a field as a query sees it: references as numbers.
  static func shown(_ cell: Cell, _ kind: RecordField.Kind) -> Cell {
    if case .reference = kind, let text = cell.text, let number = Books.number(text) { return .int(number) }
    return cell
  }

  func display(_ cell: Cell, _ kind: RecordField.Kind) -> Cell {
    switch kind {
    case .reference(let types): books.entry(cell.text, of: types).map { .text(books.name(of: $0)) } ?? .null
    case .choice(let names): cell.text.flatMap { names[$0] }.map { .text($0) } ?? cell
    default: cell
    }
  }

  /// Columns of a type's plain fields, with a twin for each that shows a name.
  func columns(_ fields: [RecordField], skip: Set<String> = [], rename: [String: String] = [:]) -> [(
    name: String, value: (Books.Entry) -> Cell
  )] {
    var columns: [(name: String, value: (Books.Entry) -> Cell)] = []
    for field in fields where !skip.contains(field.name) {
      if case .subrecord = field.kind { continue }
      let name = rename[field.name] ?? field.name.lowercased()
      columns.append((name, { Self.shown($0[field.name], field.kind) }))
      switch field.kind {
      case .reference, .choice: columns.append((name + "#df", { display($0[field.name], field.kind) }))
      default: break
      }
    }
    return columns
  }

  func make(_ columns: [(name: String, value: (Books.Entry) -> Cell)], _ entries: [Books.Entry]) -> SQLTable {
    SQLTable(columns.map(\.name), entries.map { entry in columns.map { $0.value(entry) } })
  }

  // MARK: entities

  private func entities(_ name: String, _ hints: SQLHints) -> SQLTable? {
    guard let type = books.types[name] else { return nil }
    var columns: [(name: String, value: (Books.Entry) -> Cell)] = [("id", { .int($0.id) })]
    columns += self.columns(type.fields, skip: ["balance", "overdueBalance", "defaultAddress"])
    if name == "customer" {
      columns.append(("fullname", { .text(books.name(of: $0)) }))
      columns.append(("balancesearch", { .number(books.balance(of: $0)) }))
      for flag in ["defaultBilling", "defaultShipping"] {
        columns.append(
          (
            flag.lowercased() + "address",
            { ($0.lists["addressBook"] ?? []).first { $0[flag].isTrue }.map { .int($0.unique) } ?? .null }
          ))
      }
    }
    return make(columns, Self.chosen(books.all(name), hints))
  }

  private func allEntities(_ hints: SQLHints) -> SQLTable {
    make(
      [
        ("id", { .int($0.id) }), ("entityid", { $0["entityId"] }), ("externalid", { $0["externalId"] }),
        ("type", { books.types[$0.type.lowercased()].map { .text($0.code) } ?? .null }), ("altname", { $0["altName"] }),
        ("email", { $0["email"] }), ("isinactive", { $0["isInactive"] }),
      ], Self.chosen(books.all(.entity), hints))
  }

  private func addressBook(_ hints: SQLHints) -> SQLTable {
    var rows: [[Cell]] = []
    for customer in books.all("customer") where hints["entity"]?.contains(String(customer.id)) ?? true {
      for line in customer.lists["addressBook"] ?? [] {
        rows.append([
          .int(customer.id), .int(line.key), .int(line.key), .int(line.unique), line["defaultBilling"],
          line["defaultShipping"], line["label"], line["isResidential"],
        ])
      }
    }
    return SQLTable(
      [
        "entity", "internalid", "id", "addressbookaddress", "defaultbilling", "defaultshipping", "label",
        "isresidential",
      ], rows)
  }

  private func addresses() -> SQLTable {
    let names = RecordCatalogue.address.map(\.name)
    let rows = books.all("customer").flatMap { $0.lists["addressBook"] ?? [] }.map { line in
      [Cell.int(line.unique)] + names.map { line[$0] } + [
        line["country"].text.flatMap { Places.countries[$0] }.map { .text($0) } ?? .null
      ]
    }
    return SQLTable(["nkey"] + names.map { $0.lowercased() } + ["country#df"], rows)
  }

  private func relationships(_ hints: SQLHints) -> SQLTable {
    make(
      [
        ("entity", { .int($0.id) }), ("subsidiary", { Self.shown($0["subsidiary"], .reference(["subsidiary"])) }),
        ("isprimarysub", { _ in .bool(true) }),
      ], books.all("customer"))
  }

  // MARK: items and lists

  private func items(_ hints: SQLHints) -> SQLTable? {
    guard let type = books.types["inventoryitem"] else { return nil }
    var columns: [(name: String, value: (Books.Entry) -> Cell)] = [("id", { .int($0.id) })]
    columns += self.columns(
      type.fields, skip: ["rate", "subsidiary"],
      rename: ["salesDescription": "description", "dateCreated": "createddate"])
    columns.append(("fullname", { $0["itemId"] }))
    columns.append(
      (
        "subtype",
        { $0.type.hasSuffix("ResaleItem") ? .text("Resale") : $0.type.hasSuffix("SaleItem") ? .text("Sale") : .null }
      ))
    return make(columns, Self.chosen(books.all(.item), hints))
  }

  private func prices(_ hints: SQLHints) -> SQLTable {
    var rows: [[Cell]] = []
    for item in books.all(.item) where hints["item"]?.contains(String(item.id)) ?? true {
      for line in item.lists["price"] ?? [] {
        let level = books.entry(line["priceLevel"].text, of: ["priceLevel"])
        let currency = books.entry(line["currencyPage"].text, of: ["currency"])
        rows.append([
          .int(item.id), level.map { .int($0.id) } ?? .null, level?["name"] ?? .null,
          currency.map { .int($0.id) } ?? .null, currency?["name"] ?? .null, line["quantity"], line["price"],
          line["price"],
        ])
      }
    }
    return SQLTable(
      ["item", "pricelevel", "pricelevelname", "currency", "currency#df", "quantity", "price", "unitprice"], rows)
  }

  private func list(_ name: String, _ hints: SQLHints) -> SQLTable? {
    guard let type = books.types[name] else { return nil }
    var columns: [(name: String, value: (Books.Entry) -> Cell)] = [("id", { .int($0.id) })]
    columns += self.columns(type.fields)
    columns.append(("fullname", { $0["name"] }))
    return make(columns, Self.chosen(books.all(name), hints))
  }
}
