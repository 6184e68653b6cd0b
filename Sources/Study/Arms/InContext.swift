import Corpora

extension Arm {
  /// The facts are in the prompt; the weights are as they were.
  public static let inContext = Arm(
    name: "in-context", summary: "facts in the prompt", facts: .prompt, role: .inContext
  ) { work in
    let blocks = try work.blocks()
    let trial = work.trial
    var prepared = PreparedModel(model: trial.model)
    prepared.prompt = PromptPlan.prompt(trial, blocks: blocks)
    prepared.factsPerPrompt = Double(trial.world.factCount) / Double(max(1, blocks.count))
    prepared.curve = try curve(trial, largest: blocks.map(\.count).max() ?? 1)
    return prepared
  }

  /// Accuracy with fewer groups of facts in the prompt: from one to as many as fit, doubling.
  ///
  /// Smaller blocks split the groups at other places; where the longest groups then share a block
  /// and do not fit, the curve has no such point.
  private static func curve(_ trial: Trial, largest: Int) throws -> [CurvePoint] {
    var sizes = Array(sequence(first: 1) { 2 * $0 < largest ? 2 * $0 : nil })
    if largest > 1 { sizes.append(largest) }
    let scoring = trial.scoring(name: "in-context")
    // The datasets have so many questions that a curve of forty each costs less than the arm. The
    // user's own may be few and the model large: then all points together ask as much as the arm.
    let count = trial.questions.count / max(1, trial.world.splits.count * sizes.count)
    let few = trial.questions(
      perSplit: trial.world is DocumentWorld ? min(40, max(4, count)) : 40)
    return try sizes.compactMap { size in
      let blocks = PromptPlan.blocks(of: trial.world.groupCount, size: size)
      var prepared = PreparedModel(model: trial.model)
      prepared.prompt = PromptPlan.prompt(trial, blocks: blocks)
      do {
        return CurvePoint(
          x: Double(trial.world.factCount) / Double(max(1, blocks.count)), place: size,
          accuracies: try scoring.accuracies(prepared, few))
      } catch is PromptTooLong {
        return nil
      }
    }
  }
}
