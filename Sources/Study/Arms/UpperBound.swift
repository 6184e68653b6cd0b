extension Arm {
  /// No arm, but what one could reach at most: fine-tuned on the documents and on the right answer
  /// to every question about an inference, which our code knows and no model found.
  public static let upperBound = Arm(
    name: "upper-bound", summary: "no arm: facts, and every inference as our code tells it",
    trains: true
  ) { trial in
    let stated = trial.questions.filter(\.split.isInferred).map {
      $0.prompt + $0.choices[$0.answer]
    }
    return try trial.fineTuning.train(
      trial, on: trial.lessons + [Lesson](Array(repeating: stated, count: 10).flatMap { $0 }))
  }
}
