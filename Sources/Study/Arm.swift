import Corpora
import Tokenization
import Transformer

/// One way to let a model know the facts of a world. Each arm is a file in `Arms/`.
public struct Arm: Sendable {
  public let name: String
  /// What the arm may see, in a few words.
  public let summary: String
  /// Whether it changes the weights.
  var trains = false
  let prepare: @Sendable (Bench) throws -> Prepared

  /// Every arm, in the order of the tables.
  public static let all: [Arm] = [
    .pretrained, .fineTuned, .inContext, .augmentedLocal, .inContextShuffled,
  ]
}

/// What an arm works with: one world and the model as it was pretrained.
struct Bench: Sendable {
  let world: any World
  /// The number of the world; arms draw their random numbers from it.
  let seed: UInt64
  /// Shared by all arms: whoever trains it trains a copy.
  let model: Model
  let tokenizer: Tokenizer
  let fineTuning: FineTuning
  var augmentation = LocalAugmentation()
}

/// What an arm has made of it, ready to be asked.
struct Prepared: Sendable {
  var model: Model
  /// Texts that stand before every question.
  var prompt: [String] = []
  var tokensTrained = 0
  var secondsTrain = 0.0
  var augmentation: AugmentationReport?
}
