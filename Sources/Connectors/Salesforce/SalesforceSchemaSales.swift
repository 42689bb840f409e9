import Events

/// Products, orders, quotes and what is sold under contract.
extension StandardObjects {
  static let product = union(
    system,
    fields(
      text: "Name ProductCode Description DisplayUrl ExternalId StockKeepingUnit",
      picklist: "Family QuantityUnitOfMeasure",
      bool: "IsActive"),
    fields(bool: "IsArchived", readOnly: true),
    references(["ExternalDataSourceId": ["ExternalDataSource"], "RecordTypeId": ["RecordType"]]))

  static let pricebook = union(
    system,
    fields(text: "Name Description", bool: "IsActive", instant: "ValidFrom ValidTo"),
    fields(bool: "IsStandard IsArchived", readOnly: true))

  static let pricebookEntry = union(
    system,
    fields(money: "UnitPrice"),
    fields(bool: "IsActive UseStandardPrice"),
    fields(text: "Name ProductCode", bool: "IsArchived", readOnly: true),
    references(["Pricebook2Id": ["Pricebook2"], "Product2Id": ["Product2"]]))

  static let order = union(
    system,
    address("Billing"),
    address("Shipping"),
    fields(
      text: "Name Description OrderReferenceNumber PoNumber", picklist: "Status Type", bool: "IsReductionOrder",
      date: "EffectiveDate EndDate PoDate CompanyAuthorizedDate CustomerAuthorizedDate"),
    fields(text: "OrderNumber", picklist: "StatusCode", money: "TotalAmount", instant: "ActivatedDate", readOnly: true),
    references([
      "AccountId": ["Account"], "ContractId": ["Contract"], "OpportunityId": ["Opportunity"], "QuoteId": ["Quote"],
      "Pricebook2Id": ["Pricebook2"], "OriginalOrderId": ["Order"], "BillToContactId": ["Contact"],
      "ShipToContactId": ["Contact"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
      "CustomerAuthorizedById": ["Contact"], "CompanyAuthorizedById": ["User"], "ActivatedById": ["User"],
    ]))

  static let orderItem = union(
    system,
    fields(text: "Description", money: "UnitPrice", number: "Quantity", date: "ServiceDate EndDate"),
    fields(text: "OrderItemNumber", money: "ListPrice TotalPrice", number: "AvailableQuantity", readOnly: true),
    references([
      "OrderId": ["Order"], "PricebookEntryId": ["PricebookEntry"], "Product2Id": ["Product2"],
      "OriginalOrderItemId": ["OrderItem"], "QuoteLineItemId": ["QuoteLineItem"],
    ]))

  static let quote = union(
    system,
    address("Billing"),
    address("Shipping"),
    address("QuoteTo"),
    fields(
      text: "Name Description Email Phone Fax BillingName ShippingName QuoteToName", picklist: "Status",
      money: "Tax ShippingHandling", date: "ExpirationDate"),
    fields(
      text: "QuoteNumber", bool: "IsSyncing", money: "GrandTotal Subtotal TotalPrice", number: "Discount LineItemCount",
      readOnly: true),
    references([
      "AccountId": ["Account"], "OpportunityId": ["Opportunity"], "ContactId": ["Contact"], "ContractId": ["Contract"],
      "Pricebook2Id": ["Pricebook2"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))

  static let quoteLineItem = union(
    system,
    fields(text: "Description", money: "UnitPrice", number: "Quantity Discount SortOrder", date: "ServiceDate"),
    fields(text: "LineNumber", money: "ListPrice Subtotal TotalPrice", readOnly: true),
    references([
      "QuoteId": ["Quote"], "PricebookEntryId": ["PricebookEntry"], "Product2Id": ["Product2"],
      "OpportunityLineItemId": ["OpportunityLineItem"],
    ]))

  static let contract = union(
    system,
    address("Billing"),
    address("Shipping"),
    fields(
      text: "Name Description SpecialTerms", picklist: "Status OwnerExpirationNotice", number: "ContractTerm",
      date: "StartDate CustomerSignedDate CompanySignedDate"),
    fields(text: "ContractNumber", picklist: "StatusCode", date: "EndDate", instant: "ActivatedDate", readOnly: true),
    references([
      "AccountId": ["Account"], "Pricebook2Id": ["Pricebook2"], "CustomerSignedId": ["Contact"],
      "CompanySignedId": ["User"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))

  static let asset = union(
    system,
    fields(
      text: "Name SerialNumber Description", picklist: "Status", bool: "IsCompetitorProduct", money: "Price",
      number: "Quantity", date: "PurchaseDate InstallDate UsageEndDate"),
    references([
      "AccountId": ["Account"], "ContactId": ["Contact"], "Product2Id": ["Product2"], "ParentId": ["Asset"],
      "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))

  static let aCase = union(
    system,
    fields(
      text: "Subject Description SuppliedEmail SuppliedName SuppliedPhone SuppliedCompany Comments",
      picklist: "Status Origin Priority Reason Type", bool: "IsEscalated"),
    fields(
      text: "CaseNumber ContactEmail ContactPhone ContactMobile ContactFax", bool: "IsClosed", instant: "ClosedDate",
      readOnly: true),
    references([
      "AccountId": ["Account"], "ContactId": ["Contact"], "AssetId": ["Asset"], "ProductId": ["Product2"],
      "ParentId": ["Case"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))
}
