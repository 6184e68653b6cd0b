extension Arm {
  /// Fine-tuned on the documents alone, for as many tokens as the augmented arm: what it gains by
  /// more training and not by inferences.
  public static let doseMatched = Arm(
    name: "dose-matched", summary: "facts in the weights, as many tokens as augmented", trains: true
  ) { bench in
    let lessons = try bench.lessons + [Lesson](bench.bothSentences())
    return try bench.fineTuned(dose: bench.fineTuning.dose(of: lessons, bench))
  }
}
