import Crypto
import Posix

/// Writes checkpoints; on the upkeep's thread, or the writer's at its end.
struct CheckpointWriting {
  let disk: any Disk
  let folder: String
  let keys: EncryptionKeys

  /// Checkpoints that are kept: where the newest is damaged, the one before is still a shorter way than all of the log.
  static let kept = 2

  /// Its bytes on disk; nil where it was not written, which changes nothing but the time of the next start.
  func write(_ head: CheckpointHead, _ names: [UInt64], _ snapshot: StateSnapshot, minimumFree: UInt64) -> UInt64? {
    let part = folder + "/" + CheckpointName.of(head.nextSequence) + ".part"
    do throws(DiskError) {
      let room = UInt64(snapshot.rows.count * MemoryLayout<Row>.stride * RowTable.chunkSize) * 3
      guard try disk.freeSpace(folder) >= room + minimumFree else { return nil }
      let file = try disk.open(part, .replace)
      let size: UInt64
      do throws(DiskError) {
        size = try write(to: file, head, names, snapshot)
        try disk.syncAll(file)
        disk.close(file)
      } catch {
        disk.close(file)
        throw error
      }
      try disk.rename(part, to: folder + "/" + CheckpointName.of(head.nextSequence))
      try disk.syncFolder(folder)
      try removeOld()
      return size
    } catch {
      try? disk.unlink(part)
      return nil
    }
  }

  private func write(
    to file: DiskFile, _ head: CheckpointHead, _ names: [UInt64], _ snapshot: StateSnapshot
  ) throws(DiskError) -> UInt64 {
    var sections = SectionWriting(disk: disk, file: file, buffer: head.bytes)
    var texts: [UInt8] = []
    for name in names { texts.put(name) }
    try sections.put(.names, texts)
    try sections.put(.facts, facts(snapshot))
    try sections.put(.leases, leases(snapshot))
    try putTexts(&sections, head, snapshot)
    try sections.put(.sources, sources(snapshot))
    try sections.put(.parked, parked(snapshot))
    for chunk in snapshot.rows { try sections.put(.rows, plain: chunk) }
    for chunk in snapshot.lanes { try sections.put(.lanes, plain: chunk) }
    try sections.put(.identities, identities(snapshot))
    try sections.put(.end, [])
    try sections.flush()
    return sections.offset
  }

  private func putTexts(
    _ sections: inout SectionWriting, _ head: CheckpointHead, _ snapshot: StateSnapshot
  ) throws(DiskError) {
    let texts = [
      (CheckpointSection.notes, notes(snapshot)), (.flows, flows(snapshot)), (.pauses, pauses(snapshot)),
    ]
    var sealed = texts
    do throws(CryptoError) {
      if let cipher = try CheckpointCipher(keys, nextSequence: head.nextSequence) {
        sealed = [(.key, cipher.file.bytes)]
        for (kind, bytes) in texts { sealed.append((kind, try cipher.seal(kind, bytes))) }
      }
    } catch {
      throw DiskError("\(error): encrypting a checkpoint in", folder, .invalid)
    }
    for (kind, bytes) in sealed { try sections.put(kind, bytes) }
  }

  private func facts(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(snapshot.oldest)
    bytes.put(snapshot.suspect)
    bytes.put(snapshot.keptFrom)
    for number in snapshot.tally.numbers { bytes.put(number) }
    return bytes
  }

  private func leases(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (token, lease) in snapshot.leases.sorted(by: { $0.key < $1.key }) {
      bytes.put(token)
      bytes.put(lease.lane)
      bytes.put(UInt32(lease.sequences.count))
      for sequence in lease.sequences { bytes.put(sequence) }
    }
    return bytes
  }

  private func notes(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (sequence, texts) in snapshot.notes {
      bytes.put(sequence)
      bytes.put(UInt32(texts.count))
      for text in texts { bytes.putText(text) }
    }
    return bytes
  }

  private func flows(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (flow, number) in snapshot.flows {
      bytes.put(number)
      bytes.putText(flow)
    }
    return bytes
  }

  private func sources(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (source, number) in snapshot.sources {
      bytes.put(source.hash)
      bytes.put(number)
    }
    return bytes
  }

  private func parked(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (sequence, since) in snapshot.parkedSince {
      bytes.put(sequence)
      bytes.put(since)
    }
    return bytes
  }

  private func pauses(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    for (part, since) in snapshot.pauses {
      bytes.put(since)
      PartCoding.encode(part, into: &bytes)
    }
    return bytes
  }

  private func identities(_ snapshot: StateSnapshot) -> [UInt8] {
    var bytes: [UInt8] = []
    snapshot.identities.encode(into: &bytes)
    return bytes
  }

  private func removeOld() throws(DiskError) {
    let all = try disk.list(folder).filter { CheckpointName.nextSequence($0) != nil }.sorted()
    for name in all.dropLast(Self.kept) { try disk.unlink(folder + "/" + name) }
  }
}

/// Puts sections behind each other, a megabyte a write.
private struct SectionWriting {
  let disk: any Disk
  let file: DiskFile
  var buffer: [UInt8]
  var offset: UInt64 = 0

  mutating func put(_ kind: CheckpointSection, _ content: [UInt8]) throws(DiskError) {
    try put(kind, content, plain: [UInt8]())
  }

  mutating func put<Plain: BitwiseCopyable>(
    _ kind: CheckpointSection, _ content: [UInt8] = [], plain: [Plain]
  ) throws(DiskError) {
    let start = buffer.count
    buffer.put(kind.rawValue)
    buffer.put(UInt32(0))
    buffer.put(UInt64(0))
    buffer.append(contentsOf: content)
    plain.withUnsafeBytes { buffer.append(contentsOf: $0) }
    let length = UInt64(buffer.count - start - 16)
    buffer.withUnsafeMutableBytes { all in
      all.set(start + 8, length)
      let section = UnsafeRawBufferPointer(rebasing: all[start...])
      let sum = crc32c(section.part(8, section.count - 8), from: crc32c(section.part(0, 4)))
      all.set(start + 4, sum)
    }
    buffer.padToEight()
    if buffer.count >= 1 << 20 { try flush() }
  }

  mutating func flush() throws(DiskError) {
    try disk.write(buffer, to: file, at: offset)
    offset += UInt64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }
}
