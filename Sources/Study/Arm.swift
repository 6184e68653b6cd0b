import Corpora
import Tokenization
import Transformer

/// One way to let a model know the facts of a world. Each arm is a file in `Arms/`.
public struct Arm: Sendable {
  public let name: String
  /// What the arm may see, in a few words.
  public let summary: String
  /// Whether it changes the weights.
  public var trains = false
  /// Whether its accuracy should be chance's: it has seen no fact, or wrong ones.
  public var isControl = false
  let prepare: @Sendable (Bench) throws -> Prepared

  /// Every arm, in the order of the tables.
  public static let all: [Arm] = [
    .pretrained, .fineTuned, .inContext, .augmentedLocal, .augmentedGlobal, .augmented,
    .inContextShuffled, .inContextAfterFineTuning, .retrieval, .reverseTraining, .identityBridge,
    .augmentedSoft, .doseMatched,
  ]
}

/// What an arm has made of a world, ready to be asked.
struct Prepared: Sendable {
  var model: Model
  /// Texts that stand before a question.
  var prompt: @Sendable (Question) -> [String] = { _ in [] }
  /// Tokens of training, each epoch's counted.
  var tokensTrained = 0
  /// Tokens written by the model for its own training.
  var tokensWritten = 0
  /// What the preparation costs once: seconds of one thread and floating-point operations.
  var secondsTrain = 0.0
  var operationsTrain = 0.0
  var augmentation: AugmentationReport?
  /// Accuracies along the way, where they were asked for.
  var curve: [CurvePoint] = []
}

/// The accuracy of each split at some point of a learning curve.
public struct CurvePoint: Codable, Sendable {
  /// Steps of fine-tuning, or facts in the prompt.
  public var x: Double
  /// Which points of several worlds are of one kind, whose `x` may differ: the number of the point in
  /// fine-tuning, groups of facts that share a prompt.
  public var place: Int
  public var accuracies: [String: Double]
}
