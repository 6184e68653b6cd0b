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
  /// Whether it learns from sentences that a model wrote.
  public var learnsInferences = false
  /// Whether those sentences are about wrong facts, so that it should infer no better than without
  /// them.
  public var isMisled = false
  /// The samples a fact where they are not the study's own: a point of the dose curve, no arm of
  /// its own.
  public var dose: Int?
  let prepare: @Sendable (Trial) throws -> PreparedModel

  /// Every arm, in the order of the tables.
  public static let all: [Arm] = [
    .pretrained, .fineTuned, .inContext, .augmentedLocal, .augmentedGlobal, .augmentedSampled,
    .augmented, .augmentedShuffled, .inContextShuffled, .inContextAfterFineTuning, .retrieval,
    .reverseTraining, .identityBridge, .doseMatched,
  ]

  /// The four that make up the comparison, and the control.
  public static let main: [Arm] = [.pretrained, .fineTuned, .inContext, .augmented]

  /// Those that can be asked for by name: the arms, and a bound that is none.
  public static let named: [Arm] = all + [.upperBound]

  /// Whether there is an arm, a bound or a point of the dose curve of this name.
  static func isKnown(_ name: String) -> Bool {
    let base = name.prefix { $0 != "@" }
    return named.contains { $0.name == base }
  }
}

/// What an arm has made of a world, ready to be asked.
struct PreparedModel: Sendable {
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
  /// Which points of several worlds are of one kind, whose `x` may differ: the number of the point
  /// in fine-tuning, groups of facts that share a prompt.
  public var place: Int
  public var accuracies: [String: Double]
}
