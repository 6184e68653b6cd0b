import Corpora
import Foundation
import Tokenization
import Training
import Transformer

/// A small model folder, untrained, whose context holds a few facts.
func writeTinyModel(to url: URL) throws {
  let world = try ReversalWorld(seed: 1, factCount: 10, attributeCount: 3)
  let tokenizer = try Tokenizer.train(
    on: world.documents.flatMap { $0 }.map { " " + $0 }, vocabularySize: 300)
  let model = try Model(
    Configuration(
      vocabularySize: tokenizer.vocabularySize, hiddenSize: 16, intermediateSize: 16,
      layerCount: 1, headCount: 2, contextLength: 256))
  model.initialize(seed: 1)
  try LanguageModel.write(model, tokenizer: tokenizer, card: "A test.\n", to: url)
}

extension Recipe {
  /// A small model and one stage, of so many tokens.
  static func tiny(tokens: Int) -> Recipe {
    var recipe = Recipe.standard
    recipe.vocabularySize = 320
    recipe.hiddenSize = 16
    recipe.intermediateSize = 16
    recipe.layerCount = 1
    recipe.contextLength = 256
    recipe.stages = [
      Stage(
        name: "only", tokens: tokens, rowLength: 64, rowsPerStep: 16,
        mixture: Mixture(comparisons: 1, facts: 1...3))
    ]
    return recipe
  }

  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    try encoder.encode(self).write(to: url)
  }
}
