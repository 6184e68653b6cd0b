extension Arm {
  /// Not an arm, but the most that one could reach: fine-tuned on the documents and on the right
  /// answer to every question about an inference, which our code knows and no model generated.
  public static let upperBound = Arm(
    name: "upper-bound", summary: "no arm: facts, and every inference as our code states it",
    facts: .weights
  ) { work in
    let trial = work.trial
    let stated = trial.questions.filter(\.split.isInferred).map {
      $0.prompt + $0.choices[$0.answer]
    }
    return try work.fineTuned(
      on: trial.lessons + [Lesson](Array(repeating: stated, count: 10).flatMap { $0 }))
  }
}
