import Connectors
import Events
import Testing

@Suite struct SchemaTests {
  @Test(arguments: [
    ("Account", "RecordType.DeveloperName"), ("Opportunity", "Account.ShippingStreet"), ("Opportunity", "Owner.Email"),
    ("OpportunityLineItem", "Product2.ProductCode"), ("OrderItem", "PricebookEntry.Product2Id"),
    ("Case", "Contact.Email"),
    ("PricebookEntry", "Pricebook2.Name"), ("User", "Email"), ("Account", "Parent.Name"),
  ])
  func `standard fields of Salesforce and of parents are known`(_ record: String, _ field: String) throws {
    let schema = try #require(Schema.salesforce[record]?.fields[field])
    #expect(schema.isWritable == !field.contains("."))
  }

  @Test(arguments: [
    ("customer", "companyName"), ("customer", "vatRegNumber"), ("salesOrder", "otherRefNum"),
    ("salesOrder", "shippingAddress.zip"),
    ("invoice", "amountRemaining"), ("invoice", "createdFrom"), ("itemFulfillment", "shipStatus"),
    ("customerPayment", "customer"),
    ("creditMemo", "total"), ("inventoryItem", "itemId"), ("nonInventorySaleItem", "displayName"),
    ("serviceSaleItem", "salesDescription"),
    ("employee", "email"), ("term", "name"), ("currency", "symbol"), ("subsidiary", "name"),
  ])
  func `standard fields of NetSuite are known`(_ record: String, _ field: String) {
    #expect(Schema.netsuite[record]?.fields[field] != nil)
  }

  @Test func `lists of NetSuite say what tells their elements apart`() {
    #expect(Schema.netsuite["customer"]?.lists["addressBook"]?.key == "internalId")
    #expect(Schema.netsuite["salesOrder"]?.lists["item"]?.key == "line")
    #expect(Schema.netsuite["itemFulfillment"]?.lists["package"]?.key == nil)
    #expect(Schema.netsuite["salesOrder"]?.lists["item"]?.fields["quantityFulfilled"]?.isWritable == false)
  }
}
