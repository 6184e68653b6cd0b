extension Arm {
  /// Fine-tuned on the documents alone, for as many tokens as the augmented arm: what that gains by
  /// more training and not by inferences.
  public static let doseMatched = Arm(
    name: "dose-matched", summary: "facts in the weights, as many tokens as augmented", trains: true
  ) { trial in
    let settings = trial.fineTuning
    let lessons = try settings.epoch(
      trial.lessons, inferences: [Lesson](trial.bothSentences()), trial)
    return try trial.fineTuned(dose: settings.dose(of: lessons, trial))
  }
}
