import Formats
import Testing

@Suite struct JSONTests {
  @Test func `a text is read with its members in order and its numbers as they came`() throws {
    let json = try JSON.parse(
      #" {"b":1.10,"a":[true,false,null,-0,1E+2,"x\n\u00e9\ud83d\ude00"],"big":9007199254740993} "#)
    #expect(json.object?.keys == ["b", "a", "big"])
    #expect(json["b"] == .number(try #require(JSONNumber(text: "1.10"))))
    #expect(json["b"]?.decimal == ExactDecimal("1.1"))
    #expect(json["big"]?.int == 9_007_199_254_740_993)
    #expect(json["a"]?[0] == true)
    #expect(json["a"]?[2]?.isNull == true)
    #expect(json["a"]?[4]?.int == 100)
    #expect(json["a"]?[5]?.string == "x\né😀")
    #expect(json["a"]?[6] == nil)
    #expect(json["nothing"] == nil)
  }

  @Test func `what was written is read back the same`() throws {
    let json: JSON = ["text": "\"\\/\u{1}\u{1F}\n\t é😀", "list": [1, nil, true, [:], []], "empty": ""]
    #expect(try JSON.parse(json.bytes) == json)
    #expect(json["list"]?.text == "[1,null,true,{},[]]")
    #expect(JSON.string("\u{1}\u{1F}").text == #""\u0001\u001f""#)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "[01]", "[+1]", "[.5]", "[1.]", "[1e]", "[-]", "nul", "truex",
    "[1 2]",
    "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"abc", "1 2", "[NaN]",
    "\u{FEFF}{}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "// c\n1",
  ])
  func `a text that is not strict JSON is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSON.parse(text) }
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      #expect(throws: JSONError.self) { try JSON.parse([0x22] + bytes + [0x22]) }
    }
  }

  @Test func `names are one where people read one, however many there are`() throws {
    let many = (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    #expect(try JSON.parse("{\(many),\"é\":{\(many)},\"k\":[{\"k1\":1}]}").object?.count == 22)
    for twice in [#""k3":0"#, #""\u006b19":0"#, #""é":1,"e\u0301":2"#, "\"K\":1,\"\u{212A}\":2"] {
      #expect(throws: JSONError.self) { try JSON.parse("{\(many),\(twice)}") }
    }
    #expect(throws: JSONError.self) { try JSON.parse("{\"K\":1,\"\u{212A}\":2}") }
  }

  @Test func `a value is found without the others`() throws {
    let text = #"{"x":"}\"","y":[{"id":1},[],"]"],"z":-1.5e3 ,"a":{"b":{},"\u0063":{"id":"found"}},"é":null}"#
    let json = try CheckedJSON(Array(text.utf8))
    #expect(json.value(at: ["a", "c", "id"])?.string == "found")
    #expect(json.value(at: ["e\u{301}"]) == .some(.null))
    #expect(json.value(at: ["z"])?.int == -1500)
    #expect(json.value(at: []) == json.value)
    for path in [["id"], ["y", "id"], ["x", "id"], ["a", "id"], ["a", "b", "id"], ["A"]] {
      #expect(json.value(at: path) == nil)
    }
  }

  @Test func `nesting ends at its limit`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON.parse(nested(64))
    #expect(throws: JSONError.self) { try JSON.parse(nested(65)) }
    _ = try JSON.parse(Array(nested(3).utf8), limits: JSONLimits(depth: 3))
    #expect(throws: JSONError.self) { try JSON.parse(Array(nested(4).utf8), limits: JSONLimits(depth: 3)) }
  }

  @Test func `an error says where, and quotes nothing`() {
    do throws(JSONError) {
      _ = try JSON.parse("{\n \"é\": secret}")
      Issue.record("it was taken")
    } catch {
      #expect((error.offset, error.line, error.column) == (9, 2, 7))
      #expect(!error.description.contains("secret"))
    }
  }

  @Test func `a cut text is refused at every cut and no byte makes the reader fall`() throws {
    let text = Array(#"{"a":[1.5e3,"é\u00e9\\",{"b":null}],"c":true}"#.utf8)
    for end in 0..<text.count {
      #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<end])) }
    }
    for index in text.indices {
      for byte in stride(from: UInt8(0), through: 255, by: 5) {
        var changed = text
        changed[index] = byte
        _ = try? JSON.parse(changed)
      }
    }
  }

  @Test func `an object finds its members however many there are`() {
    var object = JSONObject()
    for number in 0..<40 { object["k\(number)"] = .number(Int64(number)) }
    object["k3"] = nil
    object["k39"] = "new"
    #expect(object.count == 39)
    #expect(object["k3"] == nil)
    #expect(object["k4"] == 4)
    #expect(object["k39"] == "new")
    for number in 0..<30 { object["k\(number)"] = nil }
    #expect(object.keys == (30..<40).map { "k\($0)" })
    #expect(object["k31"] == 31)
  }

  @Test func `objects are equal whatever the order of their members`() {
    let one: JSON = ["a": 1, "b": 2]
    let other: JSON = ["b": 2, "a": 1]
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
    #expect(one != ["a": 1, "b": 3])
  }
}
