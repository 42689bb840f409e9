import HTTP
import Testing

@Suite struct FieldsTests {
  @Test func `names compare ignoring case, values do not`() {
    let fields: Fields = ["A": "1", "b": "2", "a": "3"]
    #expect(fields["a"] == "1")
    #expect(fields.values("A") == ["1", "3"])
    #expect(fields == ["a": "1", "B": "2", "A": "3"])
    #expect(fields.hashValue == (["a": "1", "B": "2", "A": "3"] as Fields).hashValue)
    #expect(fields != ["A": "1", "a": "3", "b": "2"])
    #expect((["A": "x"] as Fields) != ["A": "X"])
    #expect(fields["aa"] == nil)
  }

  @Test func `setting a field replaces all of its name`() {
    var fields: Fields = ["A": "1", "b": "2", "a": "3"]
    fields["a"] = "4"
    #expect(fields == ["b": "2", "a": "4"])
    fields["B"] = nil
    #expect(fields == ["a": "4"])
    #expect(fields.contains("A"))
    #expect(!fields.contains("b"))
    #expect(fields.count == 1)
  }

  @Test func `percent coding goes both ways and refuses half an escape`() {
    let text = "a b/é?&=+%~-._"
    #expect(PercentCoding.encode(text) == "a%20b%2F%C3%A9%3F%26%3D%2B%25~-._")
    #expect(PercentCoding.decode(PercentCoding.encode(text)) == text)
    for bad in ["%", "%4", "%zz", "a%", "%ff", "%+1"] { #expect(PercentCoding.decode(bad) == nil) }
  }

  @Test func `a query is its pairs in order`() throws {
    let query = try #require(Query("a=1&b=x+y%3D&a=2&c&&=e&d=1=2"))
    #expect(query.items.map(\.name) == ["a", "b", "a", "c", "", "d"])
    #expect(query.items.map(\.value) == ["1", "x y=", "2", "", "e", "1=2"])
    #expect(query["a"] == "1")
    #expect(query.values("a") == ["1", "2"])
    #expect(Query("a=%f")?.items.count == nil)
    #expect(Query("")?.items.isEmpty == true)
    let form: Query = ["grant type": "a&b", "x": "é"]
    #expect(form.text == "grant%20type=a%26b&x=%C3%A9")
  }
}
