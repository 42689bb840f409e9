import Formats

/// Transactions, their lines, and what links them.
///
/// As in the real tables: a header has no subsidiary (its lines have), every transaction has a main line with the number
/// 0, and the quantities and amounts of what is sold are negative.
struct TransactionTables {
  let books: Books

  private var tables: SuiteQLTables { SuiteQLTables(books: books) }

  func transactions(_ hints: SQLHints) -> SQLTable {
    var columns: [(name: String, value: (Books.Entry) -> Cell)] = [
      ("id", { .int($0.id) }),
      ("type", { books.types[$0.type.lowercased()].map { .text($0.code) } ?? .null }),
      ("type#df", { books.types[$0.type.lowercased()].map { .text($0.label) } ?? .null }),
      ("recordtype", { .text($0.type.lowercased()) }), ("abbrevtype", { abbreviation($0) }),
      ("status", { $0["status"] }), ("status#df", { statusName($0) }),
      ("entity", { reference($0["entity"].isNull ? $0["customer"] : $0["entity"]) }),
      ("entity#df", { tables.display($0["entity"].isNull ? $0["customer"] : $0["entity"], .reference(["customer"])) }),
      ("foreigntotal", { total($0) }), ("total", { total($0) }),
      ("foreignamountunpaid", { $0["amountRemaining"] }), ("foreignamountpaid", { $0["amountPaid"] }),
      ("foreignpaymentamountunused", { $0["unapplied"] }), ("foreignpaymentamountused", { $0["applied"] }),
      ("voided", { _ in .bool(false) }), ("posting", { .bool($0.type != "salesOrder") }),
      ("trandisplayname", { .text(books.name(of: $0)) }), ("createdby", { _ in .int(-5) }),
      ("shippingaddress", { .int($0.id) }), ("billingaddress", { .int($0.id) }),
      ("actualshipdate", { $0["shippedDate"] }),
    ]
    let own: Set<String> = ["id", "type", "status", "entity", "customer", "total", "dateCreated", "amountRemaining"]
    var seen = Set(columns.map(\.name))
    for type in TransactionCatalogue.all {
      let fields = (books.types[type.name.lowercased()] ?? type).fields.filter {
        !own.contains($0.name) && !Self.notInHeader.contains($0.name)
      }
      for column in tables.columns(fields) where seen.insert(column.name).inserted { columns.append(column) }
    }
    return tables.make(columns, chosen(hints))
  }

  /// What the header does not have: it stands on lines, or only the record API knows it.
  private static let notInHeader: Set<String> = [
    "subsidiary", "location", "department", "class", "createdFrom", "subtotal", "taxTotal", "discountTotal",
    "amountPaid", "applied", "unapplied", "orderStatus", "undepFunds", "autoApply", "shippingCost", "payment",
    "linkedTrackingNumbers", "toBeEmailed",
  ]

  private func chosen(_ hints: SQLHints) -> [Books.Entry] {
    if let ids = hints["id"] {
      return ids.compactMap { books.entry($0, of: RecordCatalogue.transactions) }.sorted { $0.id < $1.id }
    }
    return books.all(.transaction)
  }

  private func reference(_ cell: Cell) -> Cell { SuiteQLTables.shown(cell, .reference([])) }

  private func total(_ entry: Books.Entry) -> Cell {
    entry.type == "creditMemo" ? entry["total"].number.map { .number($0.negated) } ?? .null : entry["total"]
  }

  private func abbreviation(_ entry: Books.Entry) -> Cell {
    .text(
      ["salesOrder": "SALESORD", "invoice": "INV", "itemFulfillment": "ITEMSHIP", "customerPayment": "PMT"][entry.type]
        ?? entry.type.uppercased())
  }

  /// `Sales Order : Pending Fulfillment`.
  private func statusName(_ entry: Books.Entry) -> Cell {
    guard let type = books.types[entry.type.lowercased()], case .choice(let names)? = type.field("status")?.kind,
      let name = entry["status"].text.flatMap({ names[$0] })
    else { return .null }
    return .text("\(type.label) : \(name)")
  }

  // MARK: lines

  private static let lineColumns = [
    "transaction", "id", "linesequencenumber", "uniquekey", "mainline", "taxline", "item", "itemtype", "quantity",
    "quantityshiprecv", "quantitybilled", "rate", "netamount", "foreignamount", "price", "memo", "createdfrom",
    "isclosed",
    "entity", "subsidiary", "location", "department", "class", "expectedshipdate", "donotdisplayline", "item#df",
    "price#df", "createdfrom#df", "entity#df", "subsidiary#df",
  ]

  func lines(_ hints: SQLHints) -> SQLTable {
    let fields = books.types["salesorder"]?.sublist("item")?.fields ?? []
    let custom = fields.filter { $0.name.hasPrefix("custcol") }
    var rows: [[Cell]] = []
    for entry in chosen(["id": hints["transaction"]].compactMapValues { $0 }) {
      rows.append(mainLine(entry) + custom.map { _ in .null })
      for (index, line) in (entry.lists["item"] ?? []).enumerated() {
        rows.append(self.line(line, index + 1, entry) + custom.map { line[$0.name] })
      }
    }
    return SQLTable(Self.lineColumns + custom.map { $0.name.lowercased() }, rows)
  }

  private func header(_ entry: Books.Entry) -> (entity: Cell, subsidiary: Cell, from: Cell, names: [Cell]) {
    let entity = entry["entity"].isNull ? entry["customer"] : entry["entity"]
    return (
      reference(entity), reference(entry["subsidiary"]), reference(entry["createdFrom"]),
      [
        tables.display(entry["createdFrom"], .reference(["salesOrder"])),
        tables.display(entity, .reference(["customer"])),
        tables.display(entry["subsidiary"], .reference(["subsidiary"])),
      ]
    )
  }

  private func mainLine(_ entry: Books.Entry) -> [Cell] {
    let header = header(entry)
    return [
      .int(entry.id), .int(0), .int(0), .int(entry.id * 10_000), .bool(true), .bool(false), .null, .null, .null, .null,
      .null,
      .null, total(entry), total(entry), .null, entry["memo"], header.from, .bool(false), header.entity,
      header.subsidiary, reference(entry["location"]), reference(entry["department"]), reference(entry["class"]), .null,
      .bool(false), .null, .null,
    ] + header.names
  }

  private func line(_ line: Books.Line, _ number: Int, _ entry: Books.Entry) -> [Cell] {
    let header = header(entry)
    let sign: Int64 = entry.type == "creditMemo" ? 1 : -1
    func signed(_ cell: Cell) -> Cell { cell.number.map { .number($0.times(ExactDecimal(sign))) } ?? .null }
    return [
      .int(entry.id), .int(line.key), .int(number), .int(line.unique), .bool(false), .bool(false),
      reference(line["item"]),
      line["itemType"], signed(line["quantity"]), line["quantityFulfilled"], line["quantityBilled"],
      line["rate"].number.map { .number($0) } ?? .null, signed(line["amount"]), signed(line["amount"]),
      reference(line["price"]), line["description"], header.from,
      line["isClosed"].isNull ? .bool(false) : line["isClosed"],
      header.entity, header.subsidiary, reference(line["location"]), reference(line["department"]),
      reference(line["class"]),
      line["expectedShipDate"], .bool(false), tables.display(line["item"], .reference(RecordCatalogue.items)),
      tables.display(line["price"], .reference(["priceLevel"])),
    ] + header.names
  }

  // MARK: links

  /// From what came before to what came after: order to shipment and bill, invoice to payment and credit.
  func links(_ hints: SQLHints) -> SQLTable {
    var rows: [[Cell]] = []
    func add(_ previous: Books.Entry, _ line: Int, _ next: Books.Entry, _ nextLine: Int, _ kind: String, _ amount: Cell)
    {
      if let wanted = hints["nextdoc"], !wanted.contains(String(next.id)) { return }
      if let wanted = hints["previousdoc"], !wanted.contains(String(previous.id)) { return }
      func code(_ entry: Books.Entry) -> Cell { books.types[entry.type.lowercased()].map { .text($0.code) } ?? .null }
      rows.append([
        .int(previous.id), .int(line), code(previous), .int(next.id), .int(nextLine), code(next), .text(kind), amount,
        next["tranDate"],
      ])
    }
    for entry in books.all(.transaction) {
      if let source = books.entry(entry["createdFrom"].text, of: RecordCatalogue.transactions) {
        let kind = entry.type == "itemFulfillment" ? "ShipRcpt" : "OrdBill"
        for line in entry.lists["item"] ?? [] {
          add(source, line["orderLine"].number?.intValue.map { Int($0) } ?? 0, entry, line.key, kind, line["amount"])
        }
      }
      for line in entry.lists["apply"] ?? [] where line["apply"].isTrue {
        guard let invoice = books.entry(line["doc"].text, of: ["invoice"]) else { continue }
        add(invoice, 0, entry, 0, "Payment", line["amount"])
      }
    }
    return SQLTable(
      [
        "previousdoc", "previousline", "previoustype", "nextdoc", "nextline", "nexttype", "linktype", "foreignamount",
        "nextdate",
      ], rows)
  }

  // MARK: packages and addresses

  private var packages: [(entry: Books.Entry, line: Books.Line)] {
    books.all("itemFulfillment").flatMap { entry in (entry.lists["package"] ?? []).map { (entry, $0) } }
      .filter { !$0.line["packageTrackingNumber"].isNull }
  }

  func trackingNumbers() -> SQLTable {
    SQLTable(["id", "trackingnumber"], packages.map { [.int($0.line.unique), $0.line["packageTrackingNumber"]] })
  }

  func trackingMap() -> SQLTable {
    SQLTable(["transaction", "trackingnumber"], packages.map { [.int($0.entry.id), .int($0.line.unique)] })
  }

  func addresses(_ name: String) -> SQLTable {
    let fields = RecordCatalogue.address.map(\.name)
    return SQLTable(
      ["nkey"] + fields.map { $0.lowercased() },
      books.all(.transaction).map { entry in [.int(entry.id)] + fields.map { entry["\(name).\($0)"] } })
  }
}
