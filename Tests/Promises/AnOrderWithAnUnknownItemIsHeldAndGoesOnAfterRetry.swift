import Support
import Testing

@testable import Simulators

/// The whole story, told to the program as a process of its own; its last chapter is the unknown item.
@Suite struct AnOrderWithAnUnknownItemIsHeldAndGoesOnAfterRetry {
  @Test(.timeLimit(.minutes(2))) func `every chapter of the story comes out right`() async throws {
    let company = try Company()
    try await company.start()
    var scene = Scene { _ in }
    for chapter in Story.chapters {
      try await chapter.play(company.story, &scene)
      #expect(scene.findings.wrong == [], "\(chapter.title)")
    }
    #expect(scene.findings.right > 100)
    try await company.stop()
  }
}
