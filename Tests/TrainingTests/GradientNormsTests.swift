import Testing

@testable import Training

@Suite struct GradientNormsTests {
  @Test func `a step ten times above the median is a spike`() {
    var norms = GradientNorms()
    for step in 1...40 { #expect(norms.add(1 + Double(step % 3), step: step) == nil) }
    #expect(norms.add(19.9, step: 41) == nil)
    #expect(
      norms.add(20.1, step: 42) == GradientSpike(step: 42, gradientNorm: 20.1, median: 2))
    // Spikes do not move the median.
    #expect(norms.add(20.1, step: 43) != nil)
  }

  @Test func `the first steps of a stage are never spikes`() {
    var norms = GradientNorms()
    for step in 1...GradientNorms.minSteps {
      #expect(norms.add(step == 9 ? 500 : 1, step: step) == nil)
    }
    #expect(norms.add(500, step: 17)?.median == 1)
  }

  @Test func `norms from before the window do not count`() {
    var norms = GradientNorms()
    for step in 1...100 { _ = norms.add(1, step: step) }
    for step in 101...164 { _ = norms.add(100, step: step) }
    #expect(norms.add(100, step: 165) == nil)
  }

  @Test func `the state of a run holds the norms, the window and its spikes`() throws {
    var state = TrainingState()
    for _ in 1...20 { #expect(state.add(tokens: 1, loss: 1, gradientNorm: 2, seconds: 1) == nil) }
    let spike = state.add(tokens: 1, loss: 1, gradientNorm: 50, seconds: 1)
    #expect(spike == GradientSpike(step: 21, gradientNorm: 50, median: 2))
    #expect(state.window?.spikes == [try #require(spike)])
    state.enterNextStage()
    #expect(state.gradientNorms == nil)
  }
}
