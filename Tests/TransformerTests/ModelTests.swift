import Testing

@testable import Transformer

struct ModelTests {
  @Test func `initialisation depends on the seed alone`() throws {
    let (a, b) = (try randomModel(), try randomModel(seed: 2))
    a.initialize(seed: 3)
    b.initialize(seed: 3)
    #expect(deviation(a.parameters.array, from: b.parameters.array) == 0)
    b.initialize(seed: 4)
    #expect(deviation(a.parameters.array, from: b.parameters.array) > 0)
  }

  @Test(arguments: [false, true]) func `initialisation has its deviations`(tied: Bool) throws {
    let model = try randomModel(tied: tied)
    model.initialize(seed: 5)
    for entry in model.layout.entries {
      let values = model.parameters.array[entry.range]
      let meanSquare = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(entry.count)
      let expected: Double =
        if entry.shape.count == 1 {
          1
        } else if ["o_proj", "down_proj", "lm_head"].contains(where: entry.name.contains) {
          0
        } else if entry.name.contains("embed_tokens") {
          tied ? 0.02 : 1
        } else {
          1 / Double(entry.shape[1]).squareRoot()
        }
      #expect(abs(meanSquare.squareRoot() - expected) <= 0.1 * expected, "\(entry.name)")
    }
  }

  @Test func `copies are independent`() throws {
    let model = try randomModel()
    let copy = model.copy()
    let before = model.parameters.array
    #expect(deviation(copy.parameters.array, from: before) == 0)
    #expect(copy.configuration == model.configuration)
    copy.parameters[0] += 1
    #expect(deviation(model.parameters.array, from: before) == 0)
  }
}
