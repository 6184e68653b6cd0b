extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences, of which it learns not the words that
  /// were sampled but the probabilities that the model gives when it reads.
  public static let augmentedSoft = Arm(
    name: "augmented-soft",
    summary: "facts and inferences in the weights, learned from the probabilities of the model that reads",
    trains: true
  ) { bench in
    let generated = try bench.bothSentences()
    let teacher = Teacher(orders: bench.augmentation.teacherOrders)
    let (lessons, seconds, operations) = try teacher.lessons(generated, bench)
    var prepared = try bench.fineTuning.train(bench, on: bench.lessons + lessons)
    prepared.add(generated, arm: "augmented-soft", bench)
    prepared.secondsTrain += seconds
    prepared.operationsTrain += operations
    return prepared
  }
}
