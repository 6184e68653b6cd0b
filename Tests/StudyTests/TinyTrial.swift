import Corpora
import Kernels
import TestSupport
import Tokenization
import Transformer

@testable import Study

extension Dataset {
  /// A world of about the smallest size that still has questions of every split.
  var tinySize: Int {
    switch self {
    case .reversal: 4
    case .syllogism: 3
    case .hierarchy: 6
    case .family: 1
    case .celebrities: 12
    default: max(1, standardSize / 10)
    }
  }

  func tinyWorld(seed: UInt64 = 3) throws -> any World { try world(seed: seed, size: tinySize) }
}

/// A model that knows no fact.
func untrainedModel(contextLength: Int = 2048, seed: UInt64 = 1) throws -> Model {
  try Model.tiny(
    vocabularySize: Tokenizer.tiny.vocabularySize, contextLength: contextLength, seed: seed)
}

/// A model that knows no fact either, but has learned the form of sentences, so that it ends those
/// that it generates.
func tinyModel(contextLength: Int = 2048) throws -> Model {
  let model = try untrainedModel(contextLength: contextLength)
  model.parameters.copy(from: writer.parameters)
  return model
}

private let writer: Model = {
  do {
    let texts = try Dataset.all.flatMap { try $0.tinyWorld(seed: 98).articles.map(\.text) }
    var settings = FineTuning.tiny
    settings.epochs = 6
    return try settings.train(
      tinyTrial(world: HandMadeWorld(texts: texts), model: untrainedModel()), on: texts
    ).model
  } catch {
    preconditionFailure("the model of the tests cannot be trained: \(error)")
  }
}()

extension FineTuning {
  /// One pass, at a rate that a tiny model learns from.
  static let tiny: FineTuning = {
    var settings = FineTuning()
    settings.learningRate = 0.01
    settings.epochs = 1
    settings.inferenceTokensPerFact = 60
    return settings
  }()

  /// Trains until `dose` tokens are learned, if it is given, and records a learning curve if asked
  /// to.
  func train(
    _ trial: Trial, on lessons: [Lesson], dose: Int? = nil, watches: Bool
  ) throws -> PreparedModel {
    var tuner = try FineTuner(trial.with(fineTuning: self))
    let few = trial.questions(perSplit: FineTuner.watchedQuestions)
    try tuner.train(
      on: lessons, until: dose,
      accuracies: watches
        ? { try Scoring(tokenizer: trial.tokenizer).accuracies(PreparedModel(model: $0), few) }
        : nil)
    return tuner.prepared
  }

  func train(_ trial: Trial, on lessons: [Lesson]) throws -> PreparedModel {
    try train(trial, on: lessons, watches: false)
  }

  func train(_ trial: Trial, on documents: [String]) throws -> PreparedModel {
    try train(trial, on: [Lesson](documents))
  }
}

extension Study.Augmentation {
  static let tiny: Study.Augmentation = {
    var settings = Study.Augmentation()
    settings.sentencesPerFact = 2
    settings.teacherOrders = 2
    return settings
  }()
}

func tinyTrial(
  _ dataset: Dataset = .reversal, seed: UInt64 = 3, size: Int? = nil, world: (any World)? = nil,
  model: Model? = nil, contextLength: Int = 2048, fineTuning: FineTuning = .tiny,
  augmentation: Study.Augmentation = .tiny, groupsPerPrompt: Int? = nil
) throws -> Trial {
  Trial(
    world: try world ?? dataset.world(seed: seed, size: size ?? dataset.tinySize), seed: seed,
    model: try model ?? tinyModel(contextLength: contextLength), tokenizer: .tiny,
    fineTuning: fineTuning, augmentation: augmentation, groupsPerPrompt: groupsPerPrompt)
}

extension Arm {
  /// Prepares a trial whose work no other arm shares.
  func prepare(_ trial: Trial) throws -> PreparedModel { try prepare(SharedWork(trial)) }
}

extension Trial {
  func blocks() throws -> [[Int]] { try SharedWork(self).blocks() }
  func fineTuned() throws -> PreparedModel { try SharedWork(self).fineTuned() }

  /// The samples and the cost of all questions.
  func ask(
    as arm: String = "any", _ prepared: PreparedModel
  ) throws -> (samples: [Sample], cost: QueryCost) {
    let answers = try Scoring(tokenizer: tokenizer, name: arm).answers(prepared, questions)
    return (
      try Sample.all(
        questions, answers, priors: SharedWork(self).pretrainedAnswers().logLikelihoods, arm: arm,
        seed: seed),
      answers.cost
    )
  }

  /// The tokens of a text in a prompt.
  func length(_ text: String) -> Int { tokenizer.encode(" " + text).count }

  /// The tokens of documents, each with the token that begins it.
  func rowTokens(_ documents: [String]) -> Int {
    documents.reduce(0) { $0 + 1 + length($1) }
  }

  /// The same trial with another model or seed.
  func with(
    model: Model? = nil, seed: UInt64? = nil, fineTuning: FineTuning? = nil,
    threadCount: Int? = nil
  ) -> Trial {
    Trial(
      world: world, seed: seed ?? self.seed, model: model ?? self.model,
      tokenizer: tokenizer, fineTuning: fineTuning ?? self.fineTuning, augmentation: augmentation,
      groupsPerPrompt: groupsPerPrompt, threadCount: threadCount ?? self.threadCount)
  }
}

/// A world with one article and one question per group.
struct HandMadeWorld: World {
  var dataset = "reversal"
  var splits: [Split] = [.trained]
  var texts: [String]
  /// Articles that are in no prompt.
  var others: [String] = []
  /// What every question asks.
  var asked = "femp are"

  private var stated: [Article] { texts.indices.map { Article(group: $0, text: texts[$0]) } }
  var articles: [Article] { stated + others.map { Article(group: 0, text: $0) } }
  var groupCount: Int { texts.count }
  var factCount: Int { texts.count }
  var entities: [String] { [] }
  func prompt(groups: [Int], seed: UInt64) -> [Article] { groups.map { stated[$0] } }
  func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article] {
    prompt(groups: groups, seed: seed)
  }
  func questions(_ split: Split) -> [Question] {
    texts.indices.map {
      Question(
        dataset: dataset, split: split, prompt: asked, choices: [" more.", " less."],
        answer: 0, fact: $0, group: $0)
    }
  }
  func judgement(of sentence: String) -> Judgement { .isMalformed }
}
