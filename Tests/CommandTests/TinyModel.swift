import Corpora
import Foundation
import ModelFiles
import TestSupport
import Tokenization
import Training
import Transformer

/// A small model folder, untrained.
func writeTinyModel(to url: URL, contextLength: Int = 1024) throws {
  let model = try Model.tiny(
    vocabularySize: Tokenizer.tiny.vocabularySize, contextLength: contextLength)
  try LanguageModel.write(model, tokenizer: .tiny, card: "A test.\n", to: url)
}

extension Recipe {
  /// A recipe with a small model and one stage of `tokens` tokens.
  static func tiny(tokens: Int) -> Recipe {
    var recipe = Recipe.standard
    recipe.vocabularySize = 320
    recipe.hiddenSize = 16
    recipe.intermediateSize = 16
    recipe.headCount = 2
    recipe.layerCount = 1
    recipe.contextLength = 256
    recipe.stages = [
      Stage(
        name: "only", tokens: tokens, rowLength: 64, rowsPerStep: 16,
        mixture: Mixture(
          [
            .comparisons: 1
          ], facts: 1...3))
    ]
    return recipe
  }

  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    try encoder.encode(self).write(to: url)
  }
}
