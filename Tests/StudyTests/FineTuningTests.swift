import Corpora
import Testing
import Tokenization
import Training
import Transformer

@testable import Study

@Suite struct FineTuningTests {
  @Test func `rows of a batch are padded with tokens of no weight`() {
    let batch = Batch(documents: [[5, 6, 7, 8], [9, 10], [11]])
    #expect(batch.rowLength == 3)
    #expect(batch.tokens == [5, 6, 7, 9, 0, 0, 0, 0, 0])
    #expect(batch.targets == [6, 7, 8, 10, 0, 0, 0, 0, 0])
    #expect(batch.weights == [1, 1, 1, 1, 0, 0, 0, 0, 0])
  }

  @Test func `documents of one token and none make batches without weight`() {
    #expect(Batch(documents: [[3]]).weight == 0)
    #expect(Batch(documents: [[3]]).rowLength == 1)
    #expect(Batch(documents: []).rowCount == 0)
  }

  /// The mean loss of the documents, in nats a token.
  private func loss(_ model: Model, _ documents: [String]) -> Double {
    let rows = documents.map { tinyTokenizer.prompt([$0]) }
    let longest = rows.map(\.count).max() ?? 1
    return GradientWorkers(model, workerCount: 1, rowLength: longest)
      .run(Batch(documents: rows)).loss
  }

  @Test func `the documents get likelier, and the bench's model stays as it was`() throws {
    let bench = try tinyBench()
    let before = bench.model.digest
    let documents = bench.world.articles
    let prepared = try bench.fineTuning.train(bench, on: documents)
    #expect(bench.model.digest == before)
    #expect(prepared.model !== bench.model)
    #expect(loss(prepared.model, documents) < loss(bench.model, documents) - 0.5)
    #expect(prepared.prompt.isEmpty)
    let tokens = documents.reduce(0) { $0 + tinyTokenizer.prompt([$1]).count }
    #expect(prepared.tokensTrained == bench.fineTuning.epochs * tokens)
  }

  @Test func `the same seed trains the same model, another seed another`() throws {
    let bench = try tinyBench()
    let other = Bench(
      world: bench.world, seed: 4, model: bench.model, tokenizer: bench.tokenizer,
      fineTuning: bench.fineTuning)
    let documents = bench.world.articles
    let models = try [bench, bench, other].map {
      try $0.fineTuning.train($0, on: documents).model.digest
    }
    #expect(models[0] == models[1])
    #expect(models[0] != models[2])
  }

  @Test func `documents longer than the context are cut`() throws {
    let bench = try tinyBench(contextLength: 12)
    let prepared = try bench.fineTuning.train(bench, on: bench.world.articles)
    #expect(prepared.tokensTrained == bench.fineTuning.epochs * 12 * bench.world.articles.count)
  }

  @Test func `no documents leave the model as it is`() throws {
    let bench = try tinyBench()
    let prepared = try bench.fineTuning.train(bench, on: [])
    #expect(prepared.tokensTrained == 0)
    #expect(prepared.model.digest == bench.model.digest)
  }

  @Test func `a loss that is no number is an error`() throws {
    let model = try tinyModel()
    model.parameters[0] = .nan
    let bench = try tinyBench(model: model)
    let error = #expect(throws: TrainingError.self) {
      try bench.fineTuning.train(bench, on: bench.world.articles)
    }
    #expect(error?.description.contains("at step 1") == true)
  }
}
