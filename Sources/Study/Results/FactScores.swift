import Corpora

/// The scores of questions about the user's own documents, by the facts that they are about.
///
/// There is one such set of documents, so errors cannot be over worlds. They are over facts
/// instead: a question's score is first averaged over seeds, and questions about the same fact are
/// one cluster.
extension Results {
  /// A question's score, the mean over seeds.
  struct QuestionScore {
    var index: Int
    var score: Double
  }

  /// The scores of questions, `[fact][question]`.
  ///
  /// - Parameter worlds: the same questions for each seed.
  static func scoresOfFacts(_ worlds: [[Sample]]) -> [[QuestionScore]] {
    guard let first = worlds.first else { return [] }
    let scores = first.indices.map { index in
      QuestionScore(index: index, score: worlds.map { $0[index].score }.mean)
    }
    return Dictionary(grouping: scores) { first[$0.index].fact }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  /// One arm minus another in the same worlds.
  func difference(_ a: Row, _ b: Row) -> (mean: Double, interval: ClosedRange<Double>) {
    let difference = PairedDifference(a.worlds, minus: b.worlds)
    return (
      difference.mean, Estimate.clipped(difference.interval, difference.mean, of: a.questions)
    )
  }

  /// One arm minus another on the same questions: Student's t interval over facts.
  func differenceOverFacts(
    _ a: Row, _ b: Row, _ outcomes: [StudyRun.Outcome]
  ) -> (mean: Double, interval: ClosedRange<Double>) {
    func facts(_ arm: String) -> [[QuestionScore]] {
      Self.scoresOfFacts(
        outcomes.filter { $0.arm == arm }.map { $0.samples.filter { $0.split == a.split } })
    }
    let estimate = Estimate(
      clusters: zip(facts(a.arm), facts(b.arm)).map { own, others in
        zip(own, others).map { $0.score - $1.score }
      })
    return (estimate.mean, estimate.intervalOfDifference(of: a.facts ?? 1))
  }
}
