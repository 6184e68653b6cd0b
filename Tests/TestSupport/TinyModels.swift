import Corpora
import Kernels
import Randomness
import Tokenization
import Transformer

extension Model {
  /// A model of some thousand parameters, random everywhere, so that it reads its context and makes
  /// no ties.
  public static func tiny(
    vocabularySize: Int, contextLength: Int, seed: UInt64 = 1
  ) throws -> Model {
    let model = try Model(
      Configuration(
        vocabularySize: vocabularySize, hiddenSize: 16, intermediateSize: 32, layerCount: 1,
        headCount: 2, contextLength: contextLength))
    model.initialize(seed: seed)
    var random = RandomGenerator(seed: seed, keys: 1)
    for index in 0..<model.parameters.count where model.parameters[index] == 0 {
      model.parameters[index] = Float(random.uniform() - 0.5) / 2
    }
    return model
  }

  /// A number that tells one setting of the parameters from another, bit for bit.
  public var digest: Int {
    // The view of the parameters does not keep the model alive.
    withExtendedLifetime(self) {
      var hasher = Hasher()
      parameters.withBytes { hasher.combine(bytes: $0) }
      return hasher.finalize()
    }
  }
}

extension Tokenizer {
  /// A tokenizer that knows pieces of the words of every dataset's worlds.
  public static let tiny: Tokenizer = {
    do {
      let texts = try Dataset.all.flatMap { dataset in
        try dataset.world(seed: 99, size: dataset == .family ? 2 : 20).articles.map(\.text)
      }
      return try Tokenizer.train(on: texts.map { " " + $0 }, vocabularySize: 500)
    } catch {
      preconditionFailure("the tokenizer of the tests cannot be trained: \(error)")
    }
  }()
}
