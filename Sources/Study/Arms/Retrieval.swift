import Corpora
import Training

extension Arm {
  /// The most documents that ``retrieval`` puts in the prompt of a question.
  static let retrievedDocuments = 5

  /// Only the documents that are nearest to the question are in the prompt: five, or as many as fit
  /// the model's context.
  public static let retrieval = Arm(
    name: "retrieval", summary: "the five nearest documents in the prompt", facts: .prompt
  ) { work in
    let trial = work.trial
    let index = trial.world.index
    let nearest = Dictionary(
      uniqueKeysWithValues: Dictionary(grouping: trial.questions, by: \.prompt).map {
        ($0, trial.fitting(index.nearest(to: $0, count: retrievedDocuments), before: $1))
      })
    var prepared = PreparedModel(model: trial.model)
    prepared.prompt = { nearest[$0.prompt] ?? [] }
    return prepared
  }
}

extension Trial {
  /// The last of the texts that fit the context together with any of the questions; at least one.
  fileprivate func fitting(_ texts: [String], before questions: [Question]) -> [String] {
    let longest =
      questions.map { question in
        prompting.length(question.prompt, choices: question.choices)
      }.max() ?? 0
    var texts = texts
    while texts.count > 1,
      prompting.prompt(texts).count + longest > model.configuration.contextLength
    {
      texts.removeFirst()
    }
    return texts
  }
}
