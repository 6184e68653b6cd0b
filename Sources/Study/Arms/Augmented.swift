extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences.
  public static let augmented = Arm(
    name: "augmented", summary: "facts and both kinds of inferences in the weights", trains: true
  ) { bench in
    try trained("augmented", bench, and: bench.bothSentences())
  }

  /// An arm that is trained on the documents and on what the model wrote.
  static func trained(
    _ name: String, _ bench: Bench, and generated: GeneratedSentences
  ) throws -> Prepared {
    var prepared = try bench.fineTuning.train(bench, on: bench.lessons + [Lesson](generated))
    prepared.add(generated, arm: name, bench)
    return prepared
  }
}

extension Prepared {
  /// Adds what it took to write sentences, and what they are worth.
  mutating func add(_ generated: GeneratedSentences, arm: String, _ bench: Bench) {
    tokensWritten = generated.tokens
    secondsTrain += generated.seconds
    operationsTrain += generated.operations
    augmentation = AugmentationReport(generated, arm: arm, bench: bench)
  }
}
