import Kernels
import Randomness
import Training
import Transformer

/// A model and the rows that it is trained on.
struct Shape: Sendable {
  let name: String
  let hidden: Int
  let intermediate: Int
  let layers: Int
  let heads: Int
  let vocabulary: Int
  let rowLength: Int
  let rows: Int

  /// The shipped model, and a larger one.
  static let all = [
    Shape(
      name: "d128", hidden: 128, intermediate: 384, layers: 7, heads: 2, vocabulary: 1024,
      rowLength: 256, rows: 32),
    Shape(
      name: "d256", hidden: 256, intermediate: 768, layers: 6, heads: 4, vocabulary: 1024,
      rowLength: 512, rows: 16),
  ]

  var headSize: Int { hidden / heads }
  var tokens: Int { rows * rowLength }
  /// Tokens that go through the model at a time, as in training.
  var chunk: Int { max(512, rowLength) }

  func model(contextLength: Int? = nil) throws -> Model {
    let model = try Model(
      Configuration(
        vocabularySize: vocabulary, hiddenSize: hidden, intermediateSize: intermediate,
        layerCount: layers, headCount: heads, contextLength: contextLength ?? rowLength))
    model.initialize(seed: 1)
    return model
  }

  /// Random tokens, and each one's successor as its target.
  func batch() -> Batch {
    var random = RandomGenerator(seed: 2)
    let tokens = (0..<tokens).map { _ in Int32(random.integer(below: vocabulary)) }
    return Batch(
      rowLength: rowLength, tokens: tokens, targets: Array(tokens.dropFirst()) + [0],
      weights: Array(repeating: 1, count: tokens.count))
  }
}
