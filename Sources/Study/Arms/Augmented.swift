extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences, of which it learns not only the
  /// words that were sampled but the probabilities that the model gives when it reads: the strong
  /// form of augmentation.
  public static let augmented = augmented(dose: nil)

  /// The same with another number of samples a fact: a point of the dose curve.
  static func augmented(dose: Int?) -> Arm {
    let name = "augmented" + (dose.map { "@\($0)" } ?? "")
    return Arm(
      name: name,
      summary: "facts and inferences in the weights, as the reading model predicts them",
      trains: true, learnsInferences: true, dose: dose
    ) { trial in
      let sentences =
        try dose.map { try trial.augmentation.both(trial, sentencesPerFact: $0) }
        ?? trial.bothSentences()
      return try learned(sentences, from: .reading, name, trial)
    }
  }

  /// What sentences are learned from.
  enum Source {
    /// The words that were sampled.
    case samples
    /// The probabilities of the model that reads the documents, or wrong ones.
    case reading, misreading
  }

  /// Fine-tuned on the documents and on what the model wrote.
  static func learned(
    _ sentences: GeneratedSentences, from source: Source, _ name: String, _ trial: Trial
  ) throws -> PreparedModel {
    var sentences = sentences
    var lessons = [Lesson](sentences)
    if source != .samples {
      let teacher = Teacher(
        orders: trial.augmentation.teacherOrders, isMisled: source == .misreading)
      let taught = try teacher.lessons(sentences, trial)
      lessons = taught.lessons
      sentences.seconds += taught.seconds
      sentences.operations += taught.operations
    }
    var prepared = try trial.fineTuning.train(
      trial, on: trial.fineTuning.epoch(trial.lessons, inferences: lessons, trial))
    prepared.tokensWritten = sentences.tokens
    prepared.secondsTrain += sentences.seconds
    prepared.operationsTrain += sentences.operations
    prepared.augmentation = AugmentationReport(sentences, arm: name, trial: trial)
    return prepared
  }
}
