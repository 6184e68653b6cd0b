import Corpora
import TestSupport
import Testing
import Tokenization
import Training
import Transformer

@testable import Study

@Suite struct FineTuningTests {
  private func row(_ tokens: [Int32], weight: Float = 1) -> TrainingRow {
    TrainingRow(
      tokens: tokens, weights: Array(repeating: weight, count: max(0, tokens.count - 1)))
  }

  @Test func `each document is a row of its own length and weight`() {
    let batch = Batch([row([5, 6, 7, 8]), row([11]), row([9, 10], weight: 3)])
    #expect(batch.rows == [0..<3, 3..<4])
    #expect(batch.tokens == [5, 6, 7, 9])
    #expect(batch.targets == [6, 7, 8, 10])
    #expect(batch.weights == [1, 1, 1, 3])
    #expect(batch.distributions == nil)
  }

  @Test func `a batch with soft targets has targets for all its rows`() {
    var soft = row([5, 6, 7])
    var distributions = TargetDistributions(width: 2)
    distributions.append([(token: Int32(6), probability: Float(0.75)), (1, 0.25)])
    distributions.append([(token: Int32(7), probability: Float(1))])
    soft.distributions = distributions
    let batch = Batch([row([9, 10]), soft])
    #expect(batch.distributions?.tokens == [10, 0, 6, 1, 7, 0])
    #expect(batch.distributions?.probabilities == [1, 0, 0.75, 0.25, 1, 0])
  }

  @Test func `documents of one token, or none at all, make batches without weight`() {
    #expect(Batch([row([3])]).weight == 0)
    #expect(Batch([TrainingRow]()).rows.isEmpty)
  }

  /// What is learned twice as strongly is learned better.
  @Test func `a lesson counts by its weight`() throws {
    let trial = try tinyTrial(fineTuning: settings(epochs: 6))
    let texts = ["femp are more rony than glon.", "glon are less zept than yomp."]
    func losses(_ weight: Float) throws -> [Double] {
      let lessons = zip(texts, [weight, 1]).map { Lesson(text: $0, weight: $1) }
      let model = try trial.fineTuning.train(trial, on: lessons).model
      return texts.map { loss(model, [$0]) }
    }
    let (even, heavy) = (try losses(1), try losses(8))
    #expect(heavy[0] < even[0] && heavy[1] > even[1])
  }

  @Test(arguments: [1, 30, 70, 200], [1, 4])
  func `inferences are repeated until there are enough tokens per fact`(
    tokensPerFact: Int, epochs: Int
  ) throws {
    var settings = settings(epochs: epochs)
    settings.inferenceTokensPerFact = tokensPerFact
    let trial = try tinyTrial(size: 5, fineTuning: settings)
    let texts = ["femp are more rony than glon.", "glon are less zept than yomp.", "Yes."]
    let epoch = settings.epoch([Lesson](["a.", "b."]), inferences: [Lesson](texts), trial)
    #expect(epoch.prefix(2).map(\.text) == ["a.", "b."])
    let own = epoch.dropFirst(2).map(\.text)
    let tokens = trial.rowTokens(Array(own))
    let goal = tokensPerFact * 5 / epochs
    #expect(goal <= tokens && tokens < goal + (texts.map { 1 + trial.length($0) }.max() ?? 0))
    // No inference is repeated more than once more than another.
    let counts = texts.map { text in own.count { $0 == text } }
    #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    #expect(settings.epoch([Lesson](["a."]), inferences: [], trial).map(\.text) == ["a."])
  }

  @Test func `pretraining documents are replayed in their share`() throws {
    var settings = settings(epochs: 20)
    settings.replay = 0.6
    let trial = try tinyTrial(fineTuning: settings)
    let tokens = 20 * trial.rowTokens(trial.documents)
    let prepared = try trial.fineTuning.train(trial, on: trial.documents)
    let replayed = prepared.cost.tokensTrained - tokens
    // Whole rows, up to one less than due.
    #expect(replayed % (Replay.rowLength + 1) == 0)
    let due = Double(tokens) * 0.6 / 0.4
    #expect(
      Double(replayed) <= due * 1.01 && Double(replayed) > due - 1.1 * Double(Replay.rowLength))
    let plain = try tinyTrial(fineTuning: self.settings(epochs: 20))
    #expect(
      try plain.fineTuning.train(plain, on: plain.documents).model.digest != prepared.model.digest)
  }

  /// Replayed rows have none of a world's words, and no row comes twice.
  @Test func `replayed documents are about other words`() throws {
    let trial = try tinyTrial(.family)
    var replay = try #require(Replay(share: 0.5, tokenizer: trial.tokenizer, seed: 3))
    let rows = replay.rows(after: 5 * Replay.rowLength)
    #expect(rows.count == 5 && Set(rows.map(\.tokens)).count == 5)
    let words = Set(
      rows.flatMap { trial.tokenizer.decode($0.tokens).split { !$0.isLetter }.map(String.init) })
    #expect(words.count > 100 && words.isDisjoint(with: trial.world.entities))
    #expect(Replay(share: 0, tokenizer: trial.tokenizer, seed: 3) == nil)
  }

  /// The mean loss on the documents, in nats per token.
  private func loss(_ model: Model, _ documents: [String]) -> Double {
    let rows = documents.map { Tokenizer.tiny.prompt([$0]) }
    let longest = rows.map(\.count).max() ?? 1
    return GradientWorkers(model, workerCount: 1, rowLength: longest)
      .run(Batch(rows.map { row($0) })).loss
  }

  private func settings(epochs: Int) -> FineTuning {
    var settings = FineTuning.tiny
    settings.epochs = epochs
    return settings
  }

  @Test func `a few documents are memorised, and the trial's model stays unchanged`()
    throws
  {
    let trial = try tinyTrial(fineTuning: settings(epochs: 150))
    let before = trial.model.digest
    // One article a fact.
    let documents = trial.world.prompt(groups: [0], seed: 1).map(\.text)
    let prepared = try trial.fineTuning.train(trial, on: documents)
    #expect(trial.model.digest == before)
    #expect(prepared.model !== trial.model)
    // Only the choice among the four documents is left to chance.
    #expect(loss(trial.model, documents) > 1)
    #expect(loss(prepared.model, documents) < 0.4)
    for document in documents {
      let words = document.split(separator: " ")
      let session = InferenceSession(prepared.model)
      session.read(trial.tokenizer.prompt([words.dropLast(4).joined(separator: " ")]))
      var sampler = Sampler(temperature: 0, seed: 1)
      let rest = session.generate(&sampler, limit: 20) {
        trial.tokenizer.decode([$0]).hasSuffix(".")
      }
      #expect(trial.tokenizer.decode(rest) == " " + words.suffix(4).joined(separator: " "))
    }
  }

  @Test func `every epoch's tokens and operations are counted`() throws {
    let trial = try tinyTrial(fineTuning: settings(epochs: 3))
    let prepared = try trial.fineTuning.train(trial, on: trial.documents)
    #expect(prepared.cost.tokensTrained == 3 * trial.rowTokens(trial.documents))
    #expect(prepared.cost.seconds > 0 && prepared.cost.tokensWritten == 0)
    #expect(prepared.prompt(trial.questions[0]).isEmpty)
    // Three times those of reading, where each token attends to half of its row.
    let tokens = Double(prepared.cost.tokensTrained)
    let row = tokens / Double(3 * trial.documents.count)
    let matrices = 3 * trial.model.configuration.operations(tokens: tokens, context: 0)
    let all = 3 * trial.model.configuration.operations(tokens: tokens, context: row / 2)
    #expect(matrices < prepared.cost.operations)
    #expect(abs((prepared.cost.operations - matrices) / (all - matrices) - 1) < 0.1)
  }

  @Test(arguments: SentenceSplitting.allCases)
  func `training uses the split documents`(splitting: SentenceSplitting) throws {
    var settings = settings(epochs: 1)
    settings.splitting = splitting
    let trial = try tinyTrial(.family, fineTuning: settings)
    let tokens = trial.rowTokens(splitting.documents(trial.documents))
    #expect(try trial.fineTuned().cost.tokensTrained == tokens)
    // Sentences first, then their words in reverse order.
    let reversal = WordReversal(names: trial.world.entities)
    let backwards = splitting.documents(trial.documents).map(reversal.reversed)
    #expect(
      try Arm.reverseTraining.prepare(trial).cost.tokensTrained == tokens
        + trial.rowTokens(backwards))
    #expect((tokens > trial.rowTokens(trial.documents)) == (splitting != .none))
  }

  @Test func `the same seed trains the same model, and another seed trains another`() throws {
    let trial = try tinyTrial()
    let models = try [trial, trial.with(), trial.with(seed: 4)].map {
      try $0.fineTuning.train($0, on: trial.documents).model.digest
    }
    #expect(models[0] == models[1])
    #expect(models[0] != models[2])
  }

  @Test func `the curve goes from start to end, and recording it changes nothing`() throws {
    let trial = try tinyTrial(fineTuning: settings(epochs: 3))
    let watched = try trial.fineTuning.train(trial, on: [Lesson](trial.documents), watches: true)
    // After 0, ¼, ½, 1, 1½, 2 and 3 epochs.
    let steps = watched.curve.map(\.x)
    #expect(steps.count == 7 && steps == steps.sorted() && steps[0] == 0)
    let share = steps.map { $0 / steps[6] }
    let expected = [0, 0.25, 0.5, 1, 1.5, 2, 3].map { $0 / 3 }
    #expect(zip(share, expected).allSatisfy { abs($0 - $1) < 0.1 })
    let scoring = Scoring(tokenizer: trial.tokenizer)
    let few = trial.questions(perSplit: 40)
    let before = try scoring.accuracies(PreparedModel(model: trial.model), few)
    let after = try scoring.accuracies(watched, few)
    #expect(watched.curve.first?.accuracies == before && watched.curve.last?.accuracies == after)
    let unwatched = try trial.fineTuning.train(trial, on: trial.documents)
    #expect(unwatched.curve.isEmpty)
    #expect(unwatched.model.digest == watched.model.digest)
  }

  @Test func `training that continues from its end equals uninterrupted training`() throws {
    let trial = try tinyTrial()
    let work = SharedWork(trial)
    let tuned = try work.fineTuned()
    let before = tuned.model.digest
    let dose = tuned.cost.tokensTrained * 5 / 2
    let further = try work.fineTuned(dose: dose)
    let whole = try trial.fineTuning.train(trial, on: trial.lessons, dose: dose, watches: false)
    #expect(further.model.digest == whole.model.digest)
    #expect(
      further.cost.tokensTrained == whole.cost.tokensTrained && whole.cost.tokensTrained >= dose)
    #expect(further.cost.operations == whole.cost.operations)
    #expect(further.cost.seconds > tuned.cost.seconds && further.curve.isEmpty)
    #expect(try work.fineTuned().model.digest == before && before != whole.model.digest)
  }

  @Test func `a dose ends with the batch that fills it`() throws {
    let trial = try tinyTrial()
    let epoch = trial.rowTokens(trial.documents)
    let largest =
      trial.fineTuning.tokensPerBatch + (trial.documents.map { 1 + trial.length($0) }.max() ?? 0)
    for dose in [1, epoch / 2, epoch, epoch + 1, 5 * epoch / 2] {
      let trained = try trial.fineTuning.train(
        trial, on: [Lesson](trial.documents), dose: dose, watches: false
      ).cost.tokensTrained
      #expect(dose <= trained && trained < dose + largest)
    }
    #expect(
      try trial.fineTuning.train(trial, on: [Lesson](trial.documents), dose: epoch, watches: false)
        .cost.tokensTrained == epoch)
    #expect(
      try trial.fineTuning.train(trial, on: [Lesson](trial.documents), dose: 0, watches: false)
        .cost.tokensTrained
        == 0)
  }

  @Test func `a batch ends with the document that fills it`() {
    var settings = FineTuning()
    settings.tokensPerBatch = 10
    let documents = [4, 5, 1, 3, 30, 2].map { row(.init(repeating: 1, count: $0)) }
    var rest = documents[...]
    let batches = (0..<4).map { _ in settings.takeBatch(from: &rest).map(\.tokens.count) }
    #expect(batches == [[4, 5, 1], [3, 30], [2], []])
  }

  @Test func `documents longer than the context are cut`() throws {
    let trial = try tinyTrial(contextLength: 10)
    let prepared = try trial.fineTuning.train(trial, on: trial.documents)
    #expect(
      prepared.cost.tokensTrained
        == trial.documents.reduce(0) { $0 + min(10, 1 + trial.length($1)) })
    #expect(prepared.cost.tokensTrained < trial.rowTokens(trial.documents))
  }

  @Test func `training on no documents leaves the model unchanged`() throws {
    let trial = try tinyTrial()
    let prepared = try trial.fineTuning.train(trial, on: [Lesson]())
    #expect(prepared.cost.tokensTrained == 0)
    #expect(prepared.model.digest == trial.model.digest)
  }

  @Test func `a loss that is not a number is an error`() throws {
    let model = try tinyModel()
    model.parameters[0] = .nan
    let trial = try tinyTrial(model: model)
    let error = #expect(throws: TrainingError.self) {
      try trial.fineTuning.train(trial, on: trial.documents)
    }
    #expect(error?.description.contains("at step 1") == true)
  }
}
