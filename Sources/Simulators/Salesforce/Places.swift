/// State and country picklists, as an org has them that switched them on: the code and the name are one value, and a
/// name that is not on the list is refused.
enum Places {
  static let countries: [String: String] = {
    var names: [String: String] = [:]
    for entry in countryList.split(separator: ",") {
      let halves = entry.split(separator: ":")
      names[String(halves[0])] = String(halves[1])
    }
    return names
  }()

  /// Countries without a list of states take any.
  static let states: [String: [String: String]] = [
    "US": pairs(unitedStates),
    "CA": pairs(
      "AB:Alberta,BC:British Columbia,MB:Manitoba,NB:New Brunswick,NL:Newfoundland and Labrador,NS:Nova Scotia,"
        + "NT:Northwest Territories,NU:Nunavut,ON:Ontario,PE:Prince Edward Island,QC:Quebec,SK:Saskatchewan,YT:Yukon"),
    "AU": pairs(
      "ACT:Australian Capital Territory,NSW:New South Wales,NT:Northern Territory,QLD:Queensland,SA:South Australia,"
        + "TAS:Tasmania,VIC:Victoria,WA:Western Australia"),
  ]

  private static func pairs(_ list: String) -> [String: String] {
    var names: [String: String] = [:]
    for entry in list.split(separator: ",") {
      let halves = entry.split(separator: ":")
      names[String(halves[0])] = String(halves[1])
    }
    return names
  }

  private static let countryList =
    "AE:United Arab Emirates,AR:Argentina,AT:Austria,AU:Australia,BE:Belgium,BG:Bulgaria,BR:Brazil,CA:Canada,"
    + "CH:Switzerland,CL:Chile,CN:China,CO:Colombia,CY:Cyprus,CZ:Czech Republic,DE:Germany,DK:Denmark,EE:Estonia,"
    + "EG:Egypt,ES:Spain,FI:Finland,FR:France,GB:United Kingdom,GR:Greece,HR:Croatia,HU:Hungary,ID:Indonesia,"
    + "IE:Ireland,IL:Israel,IN:India,IS:Iceland,IT:Italy,JP:Japan,KE:Kenya,LI:Liechtenstein,"
    + "LT:Lithuania,LU:Luxembourg,LV:Latvia,MA:Morocco,MT:Malta,MX:Mexico,MY:Malaysia,NG:Nigeria,NL:Netherlands,"
    + "NO:Norway,NZ:New Zealand,PE:Peru,PH:Philippines,PL:Poland,PT:Portugal,RO:Romania,RS:Serbia,SA:Saudi Arabia,"
    + "SE:Sweden,SG:Singapore,SI:Slovenia,SK:Slovakia,TH:Thailand,TN:Tunisia,TR:Turkey,TW:Taiwan,UA:Ukraine,"
    + "US:United States,UY:Uruguay,VN:Vietnam,ZA:South Africa"

  private static let unitedStates =
    "AL:Alabama,AK:Alaska,AZ:Arizona,AR:Arkansas,CA:California,CO:Colorado,CT:Connecticut,DE:Delaware,"
    + "DC:District of Columbia,FL:Florida,GA:Georgia,HI:Hawaii,ID:Idaho,IL:Illinois,IN:Indiana,IA:Iowa,KS:Kansas,"
    + "KY:Kentucky,LA:Louisiana,ME:Maine,MD:Maryland,MA:Massachusetts,MI:Michigan,MN:Minnesota,MS:Mississippi,"
    + "MO:Missouri,MT:Montana,NE:Nebraska,NV:Nevada,NH:New Hampshire,NJ:New Jersey,NM:New Mexico,NY:New York,"
    + "NC:North Carolina,ND:North Dakota,OH:Ohio,OK:Oklahoma,OR:Oregon,PA:Pennsylvania,RI:Rhode Island,"
    + "SC:South Carolina,SD:South Dakota,TN:Tennessee,TX:Texas,UT:Utah,VT:Vermont,VA:Virginia,WA:Washington,"
    + "WV:West Virginia,WI:Wisconsin,WY:Wyoming"
}

extension Places {
  /// Brings the code and the name of one address of a row together; what was given in this write wins.
  static func settle(_ fields: inout [String: Cell], prefix: String, given: Set<String>) throws(SalesforceError) {
    let country = try settle(
      &fields, name: prefix + "Country", code: prefix + "CountryCode", list: countries, given: given)
    let state = (name: prefix + "State", code: prefix + "StateCode")
    let isStateGiven =
      (given.contains(state.name) && fields[state.name]?.isNull == false)
      || (given.contains(state.code) && fields[state.code]?.isNull == false)
    guard let country else {
      guard !isStateGiven else {
        throw SalesforceError(
          "FIELD_INTEGRITY_EXCEPTION",
          "A country/territory must be specified before specifying a state value for field: \(prefix) State/Province",
          fields: [state.name])
      }
      return
    }
    if let list = states[country] {
      _ = try settle(&fields, name: state.name, code: state.code, list: list, given: given)
    } else if given.contains(state.code) {
      fields[state.name] = fields[state.code] ?? .null
    } else if given.contains(state.name), let text = fields[state.name]?.text, text.count <= 10 {
      fields[state.code] = .text(text)
    }
  }

  private static func settle(
    _ fields: inout [String: Cell], name: String, code: String, list: [String: String], given: Set<String>
  ) throws(SalesforceError) -> String? {
    if given.contains(code) {
      guard let text = fields[code]?.text else {
        if !given.contains(name) { fields[name] = .null }
        return given.contains(name) ? try byName(&fields, name, code, list) : nil
      }
      guard let found = list[text.uppercased()] else { throw unknown(code) }
      fields[code] = .text(text.uppercased())
      fields[name] = .text(found)
      return text.uppercased()
    }
    if given.contains(name) { return try byName(&fields, name, code, list) }
    return fields[code]?.text
  }

  private static func byName(
    _ fields: inout [String: Cell], _ name: String, _ code: String, _ list: [String: String]
  ) throws(SalesforceError) -> String? {
    guard let text = fields[name]?.text else {
      fields[code] = .null
      return nil
    }
    // The integration value may be the code as well as the name.
    let match =
      list[text.uppercased()].map { (key: text.uppercased(), value: $0) }
      ?? list.first { $0.value.lowercased() == text.lowercased() }
    guard let match else { throw unknown(name) }
    fields[code] = .text(match.key)
    fields[name] = .text(match.value)
    return match.key
  }

  private static func unknown(_ field: String) -> SalesforceError {
    let what = field.contains("Country") ? "country/territory" : "state/province"
    return SalesforceError(
      "FIELD_INTEGRITY_EXCEPTION",
      "There's a problem with this \(what), even though it may appear correct. Please select a \(what) from the list of "
        + "valid values.: \(field)", fields: [field])
  }
}
