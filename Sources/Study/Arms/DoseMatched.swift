extension Arm {
  /// Fine-tuned on the documents alone, for as many tokens as the augmented arm: what that gains by
  /// more training and not by inferences.
  public static let doseMatched = Arm(
    name: "dose-matched", summary: "facts in the weights, as many tokens as augmented", trains: true
  ) { bench in
    let settings = bench.fineTuning
    let lessons = try settings.epoch(
      bench.lessons, inferences: [Lesson](bench.bothSentences()), bench)
    return try bench.fineTuned(dose: settings.dose(of: lessons, bench))
  }
}
