extension Arm {
  /// Fine-tuned on the documents alone, for as many tokens as the augmented arm: what that gains by
  /// more training and not by inferences.
  public static let doseMatched = Arm(
    name: "dose-matched", summary: "facts in the weights, as many tokens as augmented",
    facts: .weights
  ) { work in
    let trial = work.trial
    let settings = trial.fineTuning
    let lessons = try settings.epoch(
      trial.lessons, inferences: [Lesson](work.bothSentences()), trial)
    return try work.fineTuned(dose: settings.dose(of: lessons, trial))
  }
}
