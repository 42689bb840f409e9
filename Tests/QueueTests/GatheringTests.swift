import Testing

@testable import Queue

/// When a batch waits for company.
@Suite struct GatheringTests {
  @Test func `one caller by itself waits for nobody`() {
    var gathering = Gathering()
    for _ in 0..<3 {
      gathering.note(answered: 1, at: 0, after: 100_000)
      gathering.begin(waiting: 1)
      #expect(!gathering.isOn)
    }
  }

  @Test func `among many, a batch waits for all who are about, and for a quarter of a sync's time`() {
    var gathering = Gathering()
    gathering.note(answered: 40, at: 7, after: 400_000)
    gathering.begin(waiting: 10)
    #expect(gathering.end == 100_007)
    var came = 0
    while gathering.isOn {
      #expect(gathering.part <= Gathering.most)
      came += gathering.part
      gathering.note(came: gathering.part)
    }
    #expect(came == 50)
    gathering.note(answered: 8, at: 7, after: 100_000_000)
    gathering.begin(waiting: 0)
    #expect(gathering.end == 7 + Gathering.longest)
    gathering.stop()
    #expect(!gathering.isOn)
  }

  @Test func `it waits after a batch that was answered, and once`() {
    var gathering = Gathering()
    gathering.begin(waiting: 100)
    #expect(!gathering.isOn)
    gathering.note(answered: 40, at: 0, after: 100_000)
    gathering.begin(waiting: 10)
    #expect(gathering.isOn)
    gathering.stop()
    gathering.begin(waiting: 100)
    #expect(!gathering.isOn)
  }
}
