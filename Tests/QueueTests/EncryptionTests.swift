import Events
import Formats
import Posix
import Queue
import Support
import Testing

/// What encryption hides, what it refuses, and what stays readable when keys are missing.
@Suite struct EncryptionTests {
  @Test func `nothing of an event, a note or a reason is on disk, and all of it comes back`() async throws {
    let disk = FaultyDisk()
    let options = Encrypted.options(1)
    let queue = try Encrypted.open(disk, options)
    let secret = "marigold"
    let event = Event(
      system: System(.netsuite, secret), endpoint: secret, id: secret, kind: .netsuite, key: secret, subject: secret,
      receivedAt: Instant(secondsSince1970: 1_795_478_400), payload: Array(secret.utf8))
    let why = Reason(secret, .busy, secret, quoted: [secret], side: .netsuite)
    _ = try await queue.append([event])
    let lease = try await queue.lease(lanes: 1, eventsPerLane: 1, except: [])[0]
    #expect(lease.events.map(\.event) == [event])
    try await queue.note(lease, Note(secret))
    try await queue.settle(lease, .retry(at: Instant(secondsSince1970: 1), why, counts: true))
    await queue.close()
    for (path, bytes) in disk.image.everything {
      #expect(!String(decoding: bytes, as: UTF8.self).contains(secret), "\(path)")
    }
    let again = try Encrypted.open(disk, options)
    #expect(again.recovery.damage.isEmpty)
    let entry = try #require(try await again.list(Filter(), after: nil, limit: 1).first)
    #expect(entry.event == event && entry.reason == why)
    #expect(try await again.lease(lanes: 1, eventsPerLane: 1, except: [])[0].notes == [Note(secret)])
    #expect(try await again.append([event]).map(\.verdict) == [.duplicate])
    await again.close()
  }

  @Test func `without its key, or with another, a folder is refused by the key's id and left as it is`() async throws {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(1))
    _ = try await queue.append([DamageTests.event(1)])
    await queue.close()
    let before = disk.image.everything
    for options in [DamageTests.options, Encrypted.options(2), Encrypted.options(nil, 2), Encrypted.options(3, 2)] {
      let error = #expect(throws: QueueError.self) { try Encrypted.open(disk, options) }
      #expect("\(try #require(error))".contains("\(Encrypted.key(1).id)"))
    }
    #expect(disk.image.everything == before)
    #expect(try await Encrypted.read(disk, Encrypted.options(2, 1)).0 == ["1"])
  }

  @Test(arguments: ["missing", "empty", "flipped", "another's"])
  func `a lost key file costs its segment's records, each of which is named, and no other`(_ how: String) async throws {
    let disk = FaultyDisk()
    let queue = try Encrypted.open(disk, Encrypted.options(1))
    for number in 1...12 { _ = try await queue.append([DamageTests.event(number, size: 2000)]) }
    await queue.close()
    var image = disk.image
    let keys = image.files(".key")
    try #require(keys.count > 3)
    switch how {
    case "missing": image[keys[1]] = nil
    case "empty": image[keys[1]] = []
    case "flipped":
      var bytes = try #require(image[keys[1]])
      bytes[60] ^= 1
      image[keys[1]] = bytes
    default: image[keys[1]] = image[keys[2]]
    }
    let lost = image.disk()
    let (ids, report) = try await Encrypted.read(lost, Encrypted.options(1))
    let missing = report.damage.flatMap(\.sequences).flatMap { Array($0) }
    #expect(report.damage.map(\.kind) == [.key] && report.isCorrupt)
    #expect(!missing.isEmpty && Set(missing.map { "\($0)" }).isDisjoint(with: ids) && missing.count + ids.count == 12)
    // What could not be read is still there.
    var restored = lost.image
    restored[keys[1]] = image[keys[0]].map { _ in disk.image[keys[1]] ?? [] }
    let (all, second) = try await Encrypted.read(restored.disk(), Encrypted.options(1))
    #expect(all.count == 12 && second.damage.isEmpty)
  }

  @Test func `encryption begins and ends with a segment, and what was there before stays readable`() async throws {
    let disk = FaultyDisk()
    var number = 0
    for options in [
      DamageTests.options, Encrypted.options(1), Encrypted.options(1), Encrypted.options(nil, 1),
      Encrypted.options(nil, 1), Encrypted.options(2, 1),
    ] {
      let queue = try Encrypted.open(disk, options)
      #expect(queue.recovery.damage.isEmpty)
      number += 1
      _ = try await queue.append([DamageTests.event(number)])
      #expect(try await queue.list(Filter(), after: nil, limit: 9).count == number)
      await queue.close()
    }
    #expect(disk.image.files(".log").count == 5)
    #expect(disk.image.files(".key").count == 3)
  }

  @Test func `openings without an event leave no damage and lose none`() async throws {
    var disk = FaultyDisk()
    for round in 0..<4 {
      let queue = try Encrypted.open(disk, Encrypted.options(1))
      #expect(queue.recovery.damage.isEmpty)
      if round == 2 { _ = try await queue.append([DamageTests.event(1)]) }
      disk = disk.image.afterCrash(seed: 0)
    }
    #expect(try await Encrypted.read(disk, Encrypted.options(1)).0 == ["1"])
  }

  @Test func `on a full disk an opening has room to settle, and for no event`() async throws {
    let disk = FaultyDisk()
    var options = Encrypted.options(1)
    options.reserve = 2048
    options.minimumFree = 1 << 20
    let queue = try Encrypted.open(disk, options)
    _ = try await queue.append([DamageTests.event(1), DamageTests.event(2)])
    await queue.close()
    disk.setFree(4096)
    let again = try Encrypted.open(disk, options)
    await #expect(throws: QueueError.full) { try await again.append([DamageTests.event(3)]) }
    for lease in try await again.lease(lanes: 2, eventsPerLane: 1, except: []) {
      try await again.settle(lease, .done(nil, then: []))
    }
    disk.setFree(1 << 30)
    #expect(try await again.append([DamageTests.event(3)]).map(\.verdict) == [.stored])
    #expect(await again.counts().byState[.done] == 2)
    await again.close()
  }

  @Test func `a key says who it is and never what`() throws {
    let key = Encrypted.key(0x41)
    var dumped = ""
    dump(QueueEncryption(current: key), to: &dumped)
    for text in ["\(key)", "\([key])", String(reflecting: key), dumped] {
      #expect(!text.contains("AAAA") && !text.contains("65") && text.contains("\(key.id)"))
    }
    #expect("\(key.id)".utf8.count == 16 && key.id != Encrypted.key(0x42).id)
    #expect(KeyEncryptionKey(bytes: [UInt8](repeating: 1, count: 31)) == nil)
  }
}
