import Corpora
import Foundation
import Randomness
import Testing
import Tokenization
import Transformer

@testable import Study

/// Runs `body` with a fresh folder that is removed afterwards.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("study-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// A tokenizer that knows some pieces of every word of a world.
let tinyTokenizer: Tokenizer = {
  guard let world = try? ReversalWorld(seed: 99, factCount: 60, attributeCount: 20),
    let tokenizer = try? Tokenizer.train(
      on: world.documents.flatMap { $0 }.map { " " + $0 }, vocabularySize: 340)
  else { fatalError("the tokenizer of these tests cannot be trained") }
  return tokenizer
}()

/// A model with random parameters everywhere, so that it reads its context and makes no ties.
func tinyModel(contextLength: Int = 512, seed: UInt64 = 1) throws -> Model {
  let model = try Model(
    Configuration(
      vocabularySize: tinyTokenizer.vocabularySize, hiddenSize: 16, intermediateSize: 32,
      layerCount: 1, headCount: 2, contextLength: contextLength))
  model.initialize(seed: seed)
  var random = RandomGenerator(seed: seed, keys: 1)
  for index in 0..<model.parameters.count where model.parameters[index] == 0 {
    model.parameters[index] = Float(random.uniform() - 0.5) / 2
  }
  return model
}

func tinyWorld(seed: UInt64 = 3, factCount: Int = 4) throws -> ReversalWorld {
  try ReversalWorld(seed: seed, factCount: factCount, attributeCount: 2)
}

func tinyBench(
  seed: UInt64 = 3, factCount: Int = 4, contextLength: Int = 512, model: Model? = nil
) throws -> Bench {
  var fineTuning = FineTuning()
  fineTuning.learningRate = 0.01
  return Bench(
    world: try tinyWorld(seed: seed, factCount: factCount), seed: seed,
    model: try model ?? tinyModel(contextLength: contextLength), tokenizer: tinyTokenizer,
    fineTuning: fineTuning)
}

extension Model {
  /// A number that tells one setting of the parameters from another, bit for bit.
  var digest: Int {
    // The view of the parameters does not keep the model alive.
    withExtendedLifetime(self) {
      var hasher = Hasher()
      parameters.withBytes { hasher.combine(bytes: $0) }
      return hasher.finalize()
    }
  }
}
