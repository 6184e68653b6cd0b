import Corpora
import Kernels
import Tokenization
import Transformer

/// Measures, during training, what a model can do with facts in its prompt.
///
/// The facts are about held-out words. The worlds are for watching training and choosing recipes;
/// studies use other seeds.
public struct InContextProbe: Sendable {
  /// One kind of question at one size of world, the whole world in the prompt.
  public struct Task: Hashable, Sendable {
    public let dataset: Dataset
    public let split: Split
    public let size: Int

    public init(_ dataset: Dataset, _ split: Split, _ size: Int) {
      self.dataset = dataset
      self.split = split
      self.size = size
    }

    /// "reversal reversed 100"
    public var name: String { "\(dataset.name) \(split.rawValue) \(size)" }
  }

  public struct Accuracy: Hashable, Sendable {
    public let task: Task
    public let value: Double
  }

  /// The tasks of every dataset.
  public static let tasks = Dataset.all.flatMap { dataset in
    dataset.probes.map { Task(dataset, $0.split, $0.size) }
  }

  /// An accuracy that ends a run once it is reached.
  public struct Goal: Hashable, Sendable {
    public let task: Task
    public let accuracy: Double

    /// - Parameter text: one of ``tasks`` and its accuracy, "reversal reversed 100=0.95".
    /// - Throws: `SettingsError` where the text has another form or names no task.
    public init(_ text: String) throws {
      let sides = text.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, let task = tasks.first(where: { $0.name == sides[0] }),
        let accuracy = Double(sides[1]), (0...1).contains(accuracy)
      else {
        throw SettingsError(
          "\"\(text)\" is not a goal; write a task of the in-context probe, as --help lists them, and "
            + "an accuracy from 0 to 1, such as \"reversal reversed 100=0.95\"")
      }
      self.task = task
      self.accuracy = accuracy
    }
  }

  /// The first seed of the probe's worlds, far above the small seeds that studies use.
  private static let firstSeed: UInt64 = 1 << 40

  private let items: [Item]
  private let tasks: [Task]

  private struct Item: Sendable {
    let task: Task
    let context: [Int32]
    let questions: [(prompt: [Int32], choices: [[Int32]], answer: Int)]

    var tokenCount: Int {
      context.count
        + (questions.map { $0.prompt.count + ($0.choices.map(\.count).max() ?? 0) }.max() ?? 0)
    }
  }

  /// - Parameter questionCount: the minimum number of questions per task.
  /// - Throws: `CorpusError` where the lexicon is too small for a world.
  public init(
    tokenizer: Tokenizer, tasks: [Task] = InContextProbe.tasks, questionCount: Int = 96
  ) throws {
    var items: [Item] = []
    for task in tasks {
      var left = questionCount
      var seed = Self.firstSeed
      while left > 0 {
        let world = try task.dataset.world(seed: seed, size: task.size)
        seed += 1
        let questions = world.questions(task.split)
        left -= max(1, questions.count)
        items.append(
          Item(
            task: task,
            context: tokenizer.prompt(
              world.prompt(groups: Array(0..<world.groupCount), seed: 0).map(\.text)),
            questions: questions.map { question in
              (
                tokenizer.continuation(question.prompt),
                question.choices.map(tokenizer.choice),
                question.answer
              )
            }))
      }
    }
    self.items = items
    self.tasks = tasks
  }

  /// The share of questions answered correctly, by task; tasks whose prompt is longer than the
  /// model's context are left out.
  public func accuracies(_ model: Model, workerCount: Int) -> [Accuracy] {
    let limit = model.configuration.contextLength
    let tooLong = Set(items.filter { $0.tokenCount > limit }.map(\.task))
    let fitting = items.filter { !tooLong.contains($0.task) }
    let longest = fitting.map(\.tokenCount).max() ?? 1
    let right = concurrently(workerCount: workerCount) { worker in
      let session = InferenceSession(model, capacity: longest)
      return stride(from: worker, to: fitting.count, by: workerCount).map { index in
        let item = fitting[index]
        session.rewind(to: 0)
        session.read(item.context)
        return (item.task, item.questions.filter { isRight($0, session) }.count)
      }
    }.flatMap { $0 }
    return tasks.filter { !tooLong.contains($0) }.map { task in
      let count = fitting.filter { $0.task == task }.reduce(0) { $0 + $1.questions.count }
      let sum = right.filter { $0.0 == task }.reduce(0) { $0 + $1.1 }
      return Accuracy(task: task, value: Double(sum) / Double(max(1, count)))
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
