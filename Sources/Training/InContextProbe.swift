import Corpora
import Kernels
import Tokenization
import Transformer

/// How well a model reverses facts that stand in its prompt, at several numbers of facts.
///
/// The facts are about held-out words. The worlds are for watching training and choosing recipes;
/// studies draw theirs from other seeds.
public struct InContextProbe: Sendable {
  public static let factCounts = [2, 8, 32, 100]
  /// Probe worlds have seeds from here up, out of the reach of the small seeds that studies use.
  private static let firstSeed: UInt64 = 1 << 40

  private let items: [Item]

  private struct Item: Sendable {
    let factCount: Int
    let context: [Int32]
    let questions: [(prompt: [Int32], choices: [[Int32]], answer: Int)]
  }

  /// - Parameter questionCount: how many questions are asked at each number of facts, at least.
  /// - Throws: `CorpusError` where the lexicon is too small for a world.
  public init(tokenizer: Tokenizer, questionCount: Int = 96, split: Split = .reversed) throws {
    var items: [Item] = []
    for factCount in Self.factCounts {
      for world in 0..<max(1, (questionCount + factCount - 1) / factCount) {
        let world = try ReversalWorld(
          seed: Self.firstSeed + UInt64(world), factCount: factCount,
          attributeCount: max(1, factCount * 28 / 100))
        items.append(
          Item(
            factCount: factCount,
            context: tokenizer.prompt(world.context(seed: 0)),
            questions: world.questions(split).map { question in
              (
                tokenizer.encode(" " + question.prompt), question.choices.map(tokenizer.encode),
                question.answer
              )
            }))
      }
    }
    self.items = items
  }

  /// The share of questions answered right, by number of facts; numbers whose prompt is longer than
  /// the model's context are left out.
  public func accuracies(_ model: Model, workerCount: Int) -> [(factCount: Int, accuracy: Double)] {
    let limit = model.configuration.contextLength
    let right = concurrently(workerCount: workerCount) { worker in
      let session = InferenceSession(model)
      return stride(from: worker, to: items.count, by: workerCount).map { index in
        let item = items[index]
        let longest = item.questions.map { $0.prompt.count + $0.choices[0].count }.max() ?? 0
        if item.context.count + longest > limit { return (item.factCount, -1) }
        session.rewind(to: 0)
        session.read(item.context)
        return (item.factCount, item.questions.filter { isRight($0, session) }.count)
      }
    }.flatMap { $0 }
    return Self.factCounts.compactMap { factCount in
      let counts = right.filter { $0.0 == factCount }.map(\.1)
      if counts.isEmpty || counts.contains(-1) { return nil }
      return (factCount, Double(counts.reduce(0, +)) / Double(counts.count * factCount))
    }
  }

  private func isRight(
    _ question: (prompt: [Int32], choices: [[Int32]], answer: Int), _ session: InferenceSession
  ) -> Bool {
    let scores = session.logLikelihoods(
      question.choices.map { .init(prompt: question.prompt, choice: $0) })
    return scores.indices.allSatisfy {
      $0 == question.answer || scores[$0] < scores[question.answer]
    }
  }
}

extension Tokenizer {
  /// The tokens of a prompt: the end-of-text token, then every text after a space.
  public func prompt(_ texts: [String]) -> [Int32] {
    [endOfText] + texts.flatMap { encode(" " + $0) }
  }
}
