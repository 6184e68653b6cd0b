import Corpora

/// One way to let a model know the facts of a world. Each arm is a file in `Arms/`.
///
/// An arm carries all that other code needs to know about it, so that no code depends on its name.
public struct Arm: Sendable {
  public let name: String
  /// What the model may see, in a few words.
  public let summary: String
  /// Where the model has the true facts that it is asked about.
  public let facts: FactLocation
  /// Its part in the comparison of the study; nil for baselines and variants.
  public var role: Role?
  /// Whether it learns from inferences about wrong facts: a control that should infer no better
  /// than fine-tuning on the documents alone.
  public var isMisled = false
  /// Whether it starts from the model that was fine-tuned on the documents alone, which is kept
  /// until no arm needs it.
  public var usesFineTuned = false
  /// Whether sentences are sampled for it: to learn them, or to learn as many tokens of the
  /// documents.
  public let samplesSentences: Bool
  /// The number of samples per fact where it is not the study's own: a point of the dose curve.
  public var dose: Int?
  private let body: @Sendable (SharedWork) throws -> PreparedModel

  /// The four parts of the comparison.
  public enum Role: Sendable {
    /// The model without any fact.
    case pretrained
    /// The facts in the weights.
    case fineTuning
    /// The facts in the prompt: what the others are compared with, in accuracy and cost.
    case inContext
    /// The facts and the model's own inferences in the weights.
    case augmentation
  }

  init(
    name: String, summary: String, facts: FactLocation, role: Role? = nil, isMisled: Bool = false,
    usesFineTuned: Bool = false, samplesSentences: Bool? = nil, dose: Int? = nil,
    prepare: @escaping @Sendable (SharedWork) throws -> PreparedModel
  ) {
    self.name = name
    self.summary = summary
    self.facts = facts
    self.role = role
    self.isMisled = isMisled
    self.usesFineTuned = usesFineTuned
    self.samplesSentences = samplesSentences ?? (facts == .inferences)
    self.dose = dose
    body = prepare
  }

  /// The model as this arm prepares it for the questions of a trial.
  ///
  /// - Throws: `PromptTooLong` or `TrainingError`.
  func prepare(_ work: SharedWork) throws -> PreparedModel { try body(work) }

  /// Whether it changes the weights.
  public var trains: Bool { [.weights, .inferences, .both].contains(facts) }
  /// Whether its accuracy should be that of guessing, since it has seen no facts or wrong ones.
  public var isControl: Bool { facts == .nowhere }

  /// Every arm, in the order of the tables.
  public static let all: [Arm] = [
    .pretrained, .fineTuned, .inContext, .augmentedLocal, .augmentedGlobal, .augmentedSampled,
    .augmented, .augmentedShuffled, .inContextShuffled, .inContextAfterFineTuning, .retrieval,
    .reverseTraining, .identityBridge, .doseMatched,
  ]

  /// The four that make up the comparison.
  public static let main = all.filter { $0.role != nil }

  /// The four, and retrieval: the choices of somebody who has documents and a model.
  public static let practical = all.filter { $0.role != nil || $0.name == retrieval.name }

  /// All that can be selected by name: the arms, and a bound that is not an arm.
  public static let known: [Arm] = all + [.upperBound]

  /// The arm with a name, or the arm that a point of the dose curve belongs to (`augmented@16`).
  public static func named(_ name: String) -> Arm? {
    let base = name.prefix { $0 != "@" }
    return known.first { $0.name == base }
  }
}

/// Where a model has the true facts that it is asked about.
public enum FactLocation: String, CaseIterable, Sendable {
  case nowhere, prompt, weights
  /// In the weights, together with what the model inferred from them.
  case inferences
  /// In the weights and in the prompt.
  case both
}
