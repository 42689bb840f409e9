import Events

extension Schema {
  /// The standard records of a Salesforce org that configurations speak of, before an org's custom fields are merged in.
  ///
  /// A field of a parent is named by its path (`Account.Name`, `RecordType.DeveloperName`), one level up, and is never
  /// written there.
  public static let salesforce = Schema(records: StandardObjects.withParents(StandardObjects.own))
}

/// The catalogue's rows: what each standard object has by itself.
enum StandardObjects {
  static let own: [String: [String: FieldSchema]] = [
    "Account": account, "Contact": contact, "User": user, "RecordType": recordType,
    "Opportunity": opportunity, "OpportunityLineItem": opportunityLineItem, "OpportunityContactRole": contactRole,
    "Product2": product, "Pricebook2": pricebook, "PricebookEntry": pricebookEntry,
    "Order": order, "OrderItem": orderItem, "Quote": quote, "QuoteLineItem": quoteLineItem,
    "Case": aCase, "Contract": contract, "Asset": asset, "AccountContactRelation": accountContactRelation,
    "Lead": lead, "Campaign": campaign,
  ]

  /// Each record's own fields, and those of the records that its reference fields point at: `AccountId` gives `Account.…`.
  static func withParents(_ own: [String: [String: FieldSchema]]) -> [String: RecordSchema] {
    own.mapValues { fields in
      var all = fields
      for (name, field) in fields {
        guard case .record(let types) = field.kind else { continue }
        let path = name.hasSuffix("Id") ? String(name.dropLast(2)) : name
        for (parentField, schema) in types.first.flatMap({ own[$0] }) ?? [:] {
          all["\(path).\(parentField)"] = FieldSchema(schema.kind, isWritable: false)
        }
      }
      return RecordSchema(fields: all)
    }
  }

  // MARK: people and companies

  static let account = union(
    system,
    address("Billing"),
    address("Shipping"),
    fields(
      text:
        "Name AccountNumber Phone Fax Website Description Site Sic SicDesc TickerSymbol NaicsCode NaicsDesc Tradestyle "
        + "DunsNumber YearStarted Jigsaw",
      picklist: "Type Industry Rating Ownership AccountSource CleanStatus",
      money: "AnnualRevenue", number: "NumberOfEmployees"),
    fields(bool: "IsPersonAccount", readOnly: true),
    references(["ParentId": ["Account"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"]]))

  static let contact = union(
    system,
    address("Mailing"),
    address("Other"),
    fields(
      text:
        "FirstName LastName MiddleName Suffix Email Phone MobilePhone HomePhone OtherPhone AssistantPhone Fax Title "
        + "Department AssistantName Description",
      picklist: "Salutation LeadSource", bool: "HasOptedOutOfEmail HasOptedOutOfFax DoNotCall", date: "Birthdate"),
    fields(text: "Name EmailBouncedReason", instant: "EmailBouncedDate", readOnly: true),
    references([
      "AccountId": ["Account"], "ReportsToId": ["Contact"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))

  static let user = union(
    system,
    address(""),
    fields(
      text: "Username FirstName LastName Email Phone MobilePhone Fax Title CompanyName Department Division "
        + "EmployeeNumber FederationIdentifier Alias CommunityNickname",
      picklist: "TimeZoneSidKey LocaleSidKey LanguageLocaleKey EmailEncodingKey", bool: "IsActive"),
    fields(text: "Name", picklist: "UserType", readOnly: true),
    references(["ManagerId": ["User"], "ProfileId": ["Profile"], "UserRoleId": ["UserRole"]]))

  static let lead = union(
    system,
    address(""),
    fields(
      text: "FirstName LastName Company Title Phone MobilePhone Fax Email Website Description",
      picklist: "Salutation LeadSource Status Industry Rating", bool: "IsUnreadByOwner", money: "AnnualRevenue",
      number: "NumberOfEmployees"),
    fields(text: "Name", bool: "IsConverted", date: "ConvertedDate", readOnly: true),
    references(["RecordTypeId": ["RecordType"], "OwnerId": ["User"]]))

  static let recordType = fields(
    text: "Id Name DeveloperName SobjectType Description", bool: "IsActive", readOnly: true)

  static let accountContactRelation = union(
    system,
    fields(picklist: "Roles", bool: "IsActive", date: "StartDate EndDate"),
    fields(bool: "IsDirect", readOnly: true),
    references(["AccountId": ["Account"], "ContactId": ["Contact"]]))

  // MARK: selling

  static let opportunity = union(
    system,
    fields(
      text: "Name Description NextStep", picklist: "StageName Type LeadSource ForecastCategoryName",
      bool: "IsPrivate", money: "Amount", number: "Probability TotalOpportunityQuantity", date: "CloseDate"),
    fields(
      picklist: "ForecastCategory", bool: "IsClosed IsWon HasOpportunityLineItem HasOpenActivity HasOverdueTask",
      money: "ExpectedRevenue", number: "FiscalQuarter FiscalYear", date: "LastActivityDate",
      instant: "LastStageChangeDate",
      readOnly: true),
    references([
      "AccountId": ["Account"], "Pricebook2Id": ["Pricebook2"], "CampaignId": ["Campaign"], "ContactId": ["Contact"],
      "ContractId": ["Contract"], "SyncedQuoteId": ["Quote"], "RecordTypeId": ["RecordType"], "OwnerId": ["User"],
    ]))

  static let opportunityLineItem = union(
    system,
    fields(
      text: "Description", money: "UnitPrice TotalPrice", number: "Quantity Discount SortOrder", date: "ServiceDate"),
    fields(text: "Name ProductCode", money: "ListPrice Subtotal", readOnly: true),
    references([
      "OpportunityId": ["Opportunity"], "PricebookEntryId": ["PricebookEntry"], "Product2Id": ["Product2"],
    ]))

  static let contactRole = union(
    system,
    fields(picklist: "Role", bool: "IsPrimary"),
    references(["OpportunityId": ["Opportunity"], "ContactId": ["Contact"]]))

  static let campaign = union(
    system,
    fields(text: "Name Description", picklist: "Type Status", bool: "IsActive", date: "StartDate EndDate"),
    references(["ParentId": ["Campaign"], "OwnerId": ["User"]]))
}
