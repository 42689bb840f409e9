import Posix

// Beginning with a checkpoint. Whatever is not as it should be before the checkpoint's place, as far as that can be seen
// without reading all of it, is a reason to read all of it: what is observed never depends on which checkpoints there are.

extension Recovery {
  /// Reads the log from the newest checkpoint's place that is of use; false where there is none.
  mutating func resume(_ segments: [String]) throws -> Bool {
    for name in try checkpoints().reversed() {
      guard let checkpoint = CheckpointReading.read(disk, folder + "/" + name, keys) else { continue }
      let before = self
      if try resume(checkpoint, segments), !isDoubtful { return true }
      self = before
      names.begin(with: [])
    }
    return false
  }

  func checkpoints() throws(DiskError) -> [String] {
    try disk.list(folder).filter { CheckpointName.nextSequence($0) != nil }.sorted()
  }

  private mutating func resume(_ checkpoint: Checkpoint, _ segments: [String]) throws -> Bool {
    let head = checkpoint.head
    guard head.identityKey == identityKey, Int(head.segment) < checkpoint.names.count,
      let index = segments.firstIndex(of: Format.segmentName(checkpoint.names[Int(head.segment)])),
      Int(head.segment) == checkpoint.names.count - 1, try followSeals(segments[...index], checkpoint.names)
    else { return false }
    names.begin(with: checkpoint.names)
    state.restore(checkpoint.snapshot)
    if state.duplicates.needsLog(from: Self.begin(segments), at: head.time) { return false }
    chain = (head.nextBatch, head.previous)
    nextSequence = head.nextSequence
    time = head.time
    resumed = head
    for (place, name) in segments.enumerated().dropFirst(index) {
      try read(name, isLast: place == segments.count - 1, from: place == index ? head : nil)
    }
    return missingBeginning(segments) == nil
  }

  /// Whether each segment's seal leads to the next segment's head: then none is missing between them.
  private mutating func followSeals(_ segments: ArraySlice<String>, _ known: [UInt64]) throws -> Bool {
    var end: Ending?
    for (index, name) in segments.enumerated() {
      guard let first = Format.firstSequence(name), let number = known.firstIndex(of: first),
        let head = try load(name, limit: Format.segmentHeadSize).withUnsafeBytes({ SegmentHead($0) }),
        head.firstSequence == first
      else { return false }
      // What a lost key costs is named.
      if case .lost = try keys.find(head, firstSequence: first, salt: head.salt) { return false }
      if let end, end.number + 1 != head.firstBatch || end.checksum != head.previous { return false }
      if index == segments.count - 1 { return true }
      guard let seal = try seal(of: name, head.salt) else { return false }
      end = seal
      sealed.append(
        SealedSegment(number: UInt32(number), firstSequence: first, size: seal.size, lastTime: seal.time))
    }
    return true
  }

  /// The number and the checksum of the segment's seal. It stands at the end, unless a crash came before the segment was
  /// cut to its length.
  private mutating func seal(of name: String, _ salt: UInt64) throws -> Ending? {
    let file = try disk.open(folder + "/" + name, .read)
    defer { disk.close(file) }
    let size = try disk.size(file)
    guard size >= UInt64(Format.segmentHeadSize + Seal.batchSize) else { return nil }
    var bytes = [UInt8](repeating: 0, count: Seal.batchSize)
    let count = try bytes.withUnsafeMutableBytes { try disk.read(file, at: size - UInt64($0.count), into: $0) }
    guard count == bytes.count else { return nil }
    if let seal = bytes.withUnsafeBytes({ Self.seal($0, salt, size) }) { return seal }
    let all = try load(name)
    return all.withUnsafeBytes { all in
      var scan = SegmentScan(all, salt: salt)
      while let next = scan.next() {
        guard case .batch(let head, let checksum, let range) = next else { return nil }
        if head.kind == .seal {
          untrimmed.append(Trimming(name: name, end: UInt64(range.upperBound)))
          return Ending(
            number: head.number, checksum: checksum, time: head.time, size: UInt64(range.upperBound))
        }
      }
      return nil
    }
  }

  /// How a sealed segment ends.
  private struct Ending {
    let number: UInt64
    let checksum: UInt32
    let time: Int64
    let size: UInt64
  }

  private static func seal(_ bytes: UnsafeRawBufferPointer, _ salt: UInt64, _ size: UInt64) -> Ending? {
    guard let (head, checksum) = BatchHead.read(bytes), head.kind == .seal, head.salt == salt,
      head.bodyLength == UInt32(Seal.size), crc32c(bytes.part(Format.batchHeadSize, Seal.size)) == head.bodyChecksum
    else { return nil }
    return Ending(number: head.number, checksum: checksum, time: head.time, size: size)
  }

  /// Sequences of segments that are gone from the log's beginning and were not meant to be.
  func missingBeginning(_ segments: [String]) -> ClosedRange<UInt64>? {
    guard let first = segments.first(where: { !strays.contains($0) }).flatMap({ Format.firstSequence($0) }),
      first > state.keptFrom
    else { return nil }
    return state.keptFrom...first - 1
  }

  /// A checkpoint is as of what was synced: where the log ends before one, its end is missing.
  mutating func compareWithCheckpoints() throws {
    for name in try checkpoints() {
      guard let head = CheckpointReading.head(disk, folder + "/" + name), head.identityKey == identityKey,
        head.nextSequence > nextSequence
      else { continue }
      report.damage.append(
        Damage(.segment, name, 0..<0, sequences: [nextSequence...head.nextSequence - 1]))
      nextSequence = head.nextSequence
    }
  }
}
