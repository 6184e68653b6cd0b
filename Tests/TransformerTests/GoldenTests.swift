import Testing

@testable import Transformer

/// The model against PyTorch in double precision.
struct GoldenTests {
  @Test(arguments: Golden.names) func `parameters have the names and shapes of hugging face`(
    name: String
  ) throws {
    let golden = try Golden(name)
    let entries = try golden.model().layout.entries
    let shapes = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.shape) })
    #expect(shapes == golden.shapes)
  }

  @Test(arguments: Golden.names) func `logits are those of py torch`(name: String) throws {
    let golden = try Golden(name)
    let model = try golden.model()
    let actual = logits(model, golden.tokens, rowLength: golden.rowLength)
    #expect(deviation(actual.flatMap { $0 }, from: golden.logits) < 1e-5)

    // The same through the key/value cache.
    let vocabulary = model.configuration.vocabularySize
    let session = InferenceSession(model)
    session.read(Array(golden.tokens.prefix(golden.rowLength)))
    let last = golden.logits[(golden.rowLength - 1) * vocabulary..<golden.rowLength * vocabulary]
    #expect(deviation(session.logits.array, from: Array(last)) < 1e-5)
  }

  @Test(arguments: Golden.names) func `loss and gradients are those of py torch`(name: String)
    throws
  {
    let golden = try Golden(name)
    let model = try golden.model()
    let batch = golden.batch
    let (loss, gradients) = lossAndGradients(
      model, batch, gradientScale: Float(1 / batch.weight))
    #expect(abs(loss / batch.weight - golden.loss) < 1e-5)
    for entry in model.layout.entries {
      let expected = try #require(golden.gradients[entry.name])
      #expect(deviation(Array(gradients[entry.range]), from: expected) < 1e-4, "\(entry.name)")
    }
  }
}
