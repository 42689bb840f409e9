import Formats

/// A page of rows as the query service answers it: values are text, blanks are left out, each row has empty links.
struct SuiteQLAnswer {
  let books: Books

  func items(_ answer: SQLRun.Answer) -> [JSON] {
    let functions = SQLFunctions(now: books.now, zoneSeconds: books.zoneSeconds)
    return answer.rows.map { row in
      var item: JSONObject = ["links": []]
      for (column, cell) in zip(answer.columns, row) {
        if let text = functions.text(cell) { item[column] = .string(text) }
      }
      return .object(item)
    }
  }

  func page(_ answer: SQLRun.Answer, limit: Int, offset: Int) -> JSON {
    let all = items(answer)
    let page = Array(all.dropFirst(offset).prefix(limit))
    return [
      "links": [], "count": .number(Int64(page.count)), "hasMore": .bool(offset + page.count < all.count),
      "items": .array(page), "offset": .number(Int64(offset)), "totalResults": .number(Int64(all.count)),
    ]
  }
}
