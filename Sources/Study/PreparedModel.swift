import Corpora
import Transformer

/// A model as an arm has prepared it, ready to be asked.
struct PreparedModel: Sendable {
  var model: Model
  /// Texts that stand before a question.
  var prompt: @Sendable (Question) -> [String] = { _ in [] }
  /// The number of facts in one prompt, where several prompts share the facts.
  var factsPerPrompt: Double?
  /// The cost of the preparation.
  var cost = PreparationCost()
  var augmentation: AugmentationReport?
  /// The learning curve, where one was recorded.
  var curve: [CurvePoint] = []
}

/// The accuracy of each split at one point of a learning curve.
public struct CurvePoint: Codable, Sendable {
  /// Steps of fine-tuning, or facts in the prompt.
  public var x: Double
  /// Identifies the points of several worlds that belong together, since their `x` may differ: the
  /// number of the point in fine-tuning, the number of groups that share a prompt in reading.
  public var place: Int
  public var accuracies: [String: Double]
}
