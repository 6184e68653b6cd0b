extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences; of these it learns not only the
  /// sampled words but the probabilities that the reading model gives, unless the settings say 0
  /// orders of reading: the strong form of augmentation.
  public static let augmented = augmented(dose: nil)

  /// The same with another number of samples per fact: a point of the dose curve.
  static func augmented(dose: Int?) -> Arm {
    let name = "augmented" + (dose.map { "@\($0)" } ?? "")
    return Arm(
      name: name,
      summary: "facts and inferences in the weights, as the reading model predicts them",
      facts: .inferences, role: .augmentation, dose: dose
    ) { work in
      let sentences =
        try dose.map { try work.trial.augmentation.both(work.trial, sentencesPerFact: $0) }
        ?? work.bothSentences()
      return try learned(sentences, from: .reading, name, work)
    }
  }

  /// The targets from which generated sentences are learned.
  enum Source {
    /// The sampled words.
    case samples
    /// The probabilities of the model that reads the documents, or that reads wrong documents.
    case reading, misreading
  }

  /// Fine-tuned on the documents and on generated sentences.
  static func learned(
    _ sentences: GeneratedSentences, from source: Source, _ name: String, _ work: SharedWork
  ) throws -> PreparedModel {
    let trial = work.trial
    var cost = sentences.cost
    var lessons = [Lesson](sentences)
    if source != .samples, trial.augmentation.teacherOrders > 0 {
      let teacher = Teacher(
        orders: trial.augmentation.teacherOrders, isMisled: source == .misreading)
      let taught = try teacher.lessons(sentences, trial)
      lessons = taught.lessons
      cost += taught.cost
    }
    var prepared = try work.fineTuned(
      on: trial.fineTuning.epoch(trial.lessons, inferences: lessons, trial))
    prepared.cost += cost
    prepared.augmentation = AugmentationReport(sentences, arm: name, trial: trial)
    return prepared
  }
}
