import Corpora
import Transformer

/// A model as an arm has prepared it, ready to be asked.
struct PreparedModel: Sendable {
  var model: Model
  /// Texts that stand before a question.
  var prompt: @Sendable (Question) -> [String] = { _ in [] }
  /// Facts that stand in one prompt, where the facts are dealt out to several.
  var factsPerPrompt: Double?
  /// What the preparation has cost.
  var cost = PreparationCost()
  var augmentation: AugmentationReport?
  /// Accuracies along the way, where they were asked for.
  var curve: [CurvePoint] = []
}

/// The accuracy of each split at one point of a learning curve.
public struct CurvePoint: Codable, Sendable {
  /// Steps of fine-tuning, or facts in the prompt.
  public var x: Double
  /// Which points of several worlds belong together, since their `x` may differ: the number of the
  /// point in fine-tuning, the groups of facts that share a prompt in reading.
  public var place: Int
  public var accuracies: [String: Double]
}
