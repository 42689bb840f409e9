/// Makes streams of requests: good ones first, of which parts are bent as attacks bend them, then changed at random.
struct StreamMaker {
  /// Whole streams to begin with, beside those that are made.
  let samples: [[UInt8]]

  func stream(seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var stream: [UInt8] = []
    if !samples.isEmpty, random.isOne(in: 4) {
      stream = random.one(of: samples)
      if random.isOne(in: 2) { stream += request(&random) }
    } else {
      for _ in 0..<random.one(of: [1, 1, 1, 2, 2, 3]) { stream += request(&random) }
    }
    for _ in 0..<random.one(of: [0, 0, 1, 1, 1, 2, 3]) { change(&stream, &random) }
    return stream
  }

  // MARK: A request

  private func request(_ random: inout SeededRandom) -> [UInt8] {
    var text: [UInt8] = []
    if random.isOne(in: 24) { text += Array("\r\n".utf8) }
    let method = random.isOne(in: 16) ? random.one(of: Words.oddMethods) : random.one(of: Words.methods)
    let target = random.isOne(in: 6) ? random.one(of: Words.oddTargets) : random.one(of: Words.targets)
    let version = random.isOne(in: 12) ? random.one(of: Words.versions) : "HTTP/1.1"
    text += Array("\(method) \(target) \(version)\r\n".utf8)
    var fields = [random.isOne(in: 16) ? random.one(of: Words.oddHosts) : "Host: a"]
    for _ in 0..<random.one(of: [0, 0, 1, 1, 2, 3]) {
      fields.append(random.isOne(in: 8) ? random.one(of: Words.oddFields) : random.one(of: Words.fields))
    }
    let body = body(&random, &fields)
    for field in fields { text += Array(field.utf8) + (random.isOne(in: 200) ? [0x0A] : [0x0D, 0x0A]) }
    text += [0x0D, 0x0A]
    return text + body
  }

  /// A body, and the fields that say where it ends.
  private func body(_ random: inout SeededRandom, _ fields: inout [String]) -> [UInt8] {
    let content = random.one(of: Words.contents)
    let place = Int(random.next() % UInt64(fields.count + 1))
    switch random.next() % 8 {
    case 0, 1: return []
    case 2, 3, 4:
      let name = random.isOne(in: 8) ? random.one(of: Words.lengthNames) : "Content-Length: "
      let odd = random.isOne(in: 8)
      fields.insert(name + (odd ? random.one(of: Words.oddLengths) : String(content.count)), at: place)
      if random.isOne(in: 24) { fields.append(random.one(of: Words.codings)) }
      return content
    default:
      fields.insert(random.isOne(in: 8) ? random.one(of: Words.codings) : "Transfer-Encoding: chunked", at: place)
      if random.isOne(in: 24) { fields.append("Content-Length: " + random.one(of: Words.oddLengths)) }
      return chunks(content, &random)
    }
  }

  private func chunks(_ content: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var text: [UInt8] = []
    var rest = content[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(1 + Int(random.next() % 8))
      rest = rest.dropFirst(chunk.count)
      var size = String(chunk.count, radix: 16, uppercase: random.isOne(in: 2))
      if random.isOne(in: 8) { size = String(repeating: "0", count: Int(random.next() % 18)) + size }
      if random.isOne(in: 32) { size = random.one(of: Words.oddSizes) }
      if random.isOne(in: 6) { size += random.one(of: Words.extensions) }
      text += Array(size.utf8) + end(&random) + chunk + end(&random)
    }
    text += Array(random.isOne(in: 24) ? random.one(of: Words.oddLasts).utf8 : "0".utf8) + end(&random)
    if random.isOne(in: 5) { text += Array(random.one(of: Words.trailers).utf8) + end(&random) }
    return text + end(&random)
  }

  private func end(_ random: inout SeededRandom) -> [UInt8] {
    random.isOne(in: 64) ? Array(random.one(of: Words.ends).utf8) : [0x0D, 0x0A]
  }

  // MARK: A change

  private func change(_ text: inout [UInt8], _ random: inout SeededRandom) {
    guard !text.isEmpty else { return }
    let place = Int(random.next() % UInt64(text.count))
    let length = 1 + Int(random.next() % UInt64(random.isOne(in: 4) ? 40 : 4))
    let span = place..<min(text.count, place + length)
    switch random.next() % 12 {
    case 0: text[place] ^= 1 << UInt8(random.next() % 8)
    case 1: text[place] = random.one(of: Words.octets)
    case 2: text.insert(random.one(of: Words.octets), at: place)
    case 3: text.removeSubrange(span)
    case 4: text.insert(contentsOf: text[span], at: place)
    case 5: text.insert(contentsOf: random.one(of: Words.pieces).utf8, at: place)
    case 6: changeLine(&text, place, &random) { $0.insert($0[$1], at: $1) }
    case 7: changeLine(&text, place, &random) { $0.remove(at: $1) }
    case 8: changeLine(&text, place, &random) { $0.swapAt($1, ($1 + 1) % $0.count) }
    case 9: text.insert(contentsOf: request(&random), at: place)
    case 10: text.removeSubrange(place...)
    default: changeDigit(&text, from: place, &random)
    }
  }

  /// Lines as CR LF parts them.
  private func changeLine(
    _ text: inout [UInt8], _ place: Int, _ random: inout SeededRandom,
    _ change: (inout [ArraySlice<UInt8>], Int) -> Void
  ) {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    change(&lines, Int(random.next() % UInt64(lines.count)))
    text = Array(lines.joined(separator: [0x0A]))
  }

  /// The next digit becomes another one: a length, a chunk's size, a version.
  private func changeDigit(_ text: inout [UInt8], from place: Int, _ random: inout SeededRandom) {
    guard let digit = text[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
    text[digit] = 0x30 + UInt8(random.next() % 10)
  }
}

extension SeededRandom {
  mutating func isOne(in count: UInt64) -> Bool { next() % count == 0 }

  mutating func one<Value>(of values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }
}

/// SplitMix64: the same seed gives the same numbers, always.
struct SeededRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
