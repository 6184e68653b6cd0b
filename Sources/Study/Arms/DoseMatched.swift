extension Arm {
  /// Fine-tuned only on the documents, for as many tokens as the augmented arm: it shows what that
  /// arm gains by more training and not by inferences.
  public static let doseMatched = Arm(
    name: "dose-matched", summary: "facts in the weights, as many tokens as augmented",
    facts: .weights, usesFineTuned: true, samplesSentences: true
  ) { work in
    let trial = work.trial
    let settings = trial.fineTuning
    let lessons = try settings.epoch(
      trial.lessons, inferences: [Lesson](work.bothSentences()), trial)
    return try work.fineTuned(dose: settings.dose(of: lessons, trial))
  }
}
