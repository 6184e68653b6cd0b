import Corpora

extension Trial {
  /// The questions that are asked at each point of the learning curve of fine-tuning: the first of
  /// each split, as many as the whole curve can ask in no more time than training takes; in a
  /// quarter of that for the user's documents, whose model may be large.
  ///
  /// - Returns: none where that would be too few to see anything.
  var watchedQuestions: [Question] {
    let points = FineTuner.watchedEpochs(of: fineTuning.epochs).count
    // A pass forward and backward takes three times as long as one forward.
    let share = world is DocumentWorld ? 0.25 : 1
    let budget = Int(share * Double(3 * fineTuning.dose(of: lessons, self) / points))
    for count in stride(from: FineTuner.watchedQuestions, through: Self.leastWatched, by: -4) {
      let few = questions(perSplit: count)
      if few.reduce(0, { $0 + scoredTokens($1) }) <= budget { return few }
    }
    return []
  }

  private static let leastWatched = 8

  /// The tokens that run through the model for one question.
  private func scoredTokens(_ question: Question) -> Int {
    prompting.question(question.prompt, isFirst: true).count
      + question.choices.reduce(0) { $0 + prompting.choice($1).count }
  }
}
