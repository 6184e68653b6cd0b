import Transformer

extension Arm {
  /// Fine-tuned on the documents and on what the model itself infers from each one alone.
  public static let augmentedLocal = Arm(
    name: "augmented-local", summary: "facts and own inferences in the weights", trains: true
  ) { bench in
    let start = ContinuousClock.now
    let articles = bench.world.articles
    let written = bench.augmentation.sentences(about: articles, bench)
    let seconds = start.duration(to: .now) / .seconds(1)
    var prepared = try bench.fineTuning.train(bench, on: articles + written)
    prepared.secondsTrain += seconds
    prepared.augmentation = AugmentationReport(written, arm: "augmented-local", bench: bench)
    return prepared
  }
}
