import Corpora
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import Training

@Suite struct InContextProbeTests {
  private func model(_ tokenizer: Tokenizer, contextLength: Int) throws -> Model {
    try Model.tiny(vocabularySize: tokenizer.vocabularySize, contextLength: contextLength)
  }

  private func tokenizer() throws -> Tokenizer {
    let world = try ReversalWorld(seed: 4, factCount: 20, attributeCount: 5)
    return try Tokenizer.train(on: world.documents.flatMap { $0 }, vocabularySize: 300)
  }

  private static let tasks = [
    InContextProbe.Task(.reversal, .reversed, 2), .init(.reversal, .reversed, 8),
    .init(.syllogism, .deduced, 2),
  ]

  @Test func `tasks whose prompt does not fit the context are left out`() throws {
    let tokenizer = try tokenizer()
    let probe = try InContextProbe(tokenizer: tokenizer, tasks: Self.tasks, questionCount: 10)
    func names(_ contextLength: Int) throws -> [String] {
      try probe.accuracies(model(tokenizer, contextLength: contextLength), workerCount: 2)
        .map(\.task.name)
    }
    #expect(try names(16) == [])
    #expect(try names(1_000) == Self.tasks.map(\.name))
    let some = try names(200)
    #expect(some.contains("reversal reversed 2") && !some.contains("reversal reversed 8"))
  }

  @Test func `a model that knows nothing is near chance, whatever the number of workers`() throws {
    let tokenizer = try tokenizer()
    let probe = try InContextProbe(
      tokenizer: tokenizer, tasks: [Self.tasks[0], Self.tasks[2]], questionCount: 96)
    let model = try model(tokenizer, contextLength: 400)
    let alone = probe.accuracies(model, workerCount: 1)
    try #require(alone.map(\.task) == [Self.tasks[0], Self.tasks[2]])
    // Five standard errors of 96 guesses.
    #expect(abs(alone[0].value - 0.5) < 0.26)
    #expect(abs(alone[1].value - 1.0 / 6) < 0.2)
    #expect(probe.accuracies(model, workerCount: 3) == alone)
  }

  @Test func `every standard task has questions`() throws {
    for task in InContextProbe.tasks {
      let world = try task.dataset.world(seed: 1 << 40, size: task.size)
      #expect(!world.questions(task.split).isEmpty, "\(task.name)")
    }
    #expect(Set(InContextProbe.tasks.map(\.name)).count == InContextProbe.tasks.count)
  }

  @Test func `a prompt is the end-of-text token, then every text after a space`() throws {
    let tokenizer = try tokenizer()
    let tokens = tokenizer.prompt(["femp are.", "glon are."])
    #expect(tokens.first == tokenizer.endOfText)
    #expect(tokenizer.decode(tokens.dropFirst()) == " femp are. glon are.")
  }
}
