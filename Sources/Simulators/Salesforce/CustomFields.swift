/// The custom fields of the sandbox org, those that `deploy/lead-to-cash` writes to and reads from.
enum CustomFields {
  static let paymentTerms = ["Net 15", "Net 30", "Net 45", "Net 60", "Due now"]
  static let orderStatus = [
    "Awaiting approval", "Open", "Partly shipped", "Shipped", "Invoiced", "Closed", "Cancelled",
  ]

  static let byObject: [String: [SObjectField]] = [
    "Account": [
      SObjectField("NetSuite_Id__c", .text(40)).externalID(),
      SObjectField("Credit_Limit__c", .currency(scale: 2)),
      SObjectField("Payment_Terms__c", .picklist(paymentTerms, restricted: true)),
      SObjectField("VAT__c", .text(40)),
    ] + sync,
    "Opportunity": [
      SObjectField("NetSuite_Order_Id__c", .text(40)).externalID(),
      SObjectField("NetSuite_Number__c", .text(45)),
      SObjectField("NetSuite_Status__c", .picklist(orderStatus, restricted: true)),
      SObjectField("NetSuite_Total__c", .currency(scale: 2)),
      SObjectField("Tracking__c", .text(255)), SObjectField("Shipped_On__c", .date),
      SObjectField("Invoice_Numbers__c", .text(255)), SObjectField("Invoiced__c", .currency(scale: 2)),
      SObjectField("Amount_Due__c", .currency(scale: 2)), SObjectField("PO_Number__c", .text(45)),
      SObjectField("Requested_Date__c", .date), SObjectField("Order_Notes__c", .longText(32_000)),
    ] + sync,
    "Product2": [SObjectField("NetSuite_Id__c", .text(40)).externalID()],
  ]

  private static let sync = [
    SObjectField("Sync_State__c", .text(40)), SObjectField("Sync_Message__c", .text(255)),
  ]
}
