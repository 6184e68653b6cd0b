import Corpora
import Randomness
import Testing
import Tokenization
import Transformer

@testable import Training

@Suite struct InContextProbeTests {
  /// A model of random parameters, with a context of so many tokens.
  private func model(_ tokenizer: Tokenizer, contextLength: Int) throws -> Model {
    let model = try Model(
      Configuration(
        vocabularySize: tokenizer.vocabularySize, hiddenSize: 16, intermediateSize: 24,
        layerCount: 1, headCount: 2, contextLength: contextLength))
    model.initialize(seed: 1)
    var random = RandomGenerator(seed: 2)
    for index in 0..<model.parameters.count where model.parameters[index] == 0 {
      model.parameters[index] = Float(random.uniform() - 0.5)
    }
    return model
  }

  private func tokenizer() throws -> Tokenizer {
    let world = try ReversalWorld(seed: 4, factCount: 20, attributeCount: 5)
    return try Tokenizer.train(on: world.documents.flatMap { $0 }, vocabularySize: 300)
  }

  @Test func `numbers of facts that do not fit the context are left out`() throws {
    let tokenizer = try tokenizer()
    let probe = try InContextProbe(tokenizer: tokenizer, questionCount: 10)
    func counts(_ contextLength: Int) throws -> [Int] {
      try probe.accuracies(model(tokenizer, contextLength: contextLength), workerCount: 2)
        .map(\.factCount)
    }
    #expect(try counts(16) == [])
    #expect(try counts(200) == [2])
    #expect(try counts(600) == [2, 8])
  }

  @Test func `a model that knows nothing is near chance, whatever the number of workers`() throws {
    let tokenizer = try tokenizer()
    let probe = try InContextProbe(tokenizer: tokenizer, questionCount: 96)
    let model = try model(tokenizer, contextLength: 200)
    let alone = probe.accuracies(model, workerCount: 1)
    try #require(alone.map(\.factCount) == [2])
    // Five standard errors of 96 guesses.
    #expect(abs(alone[0].accuracy - 0.5) < 0.26)
    let three = probe.accuracies(model, workerCount: 3)
    #expect(three.map(\.accuracy) == alone.map(\.accuracy))
  }

  @Test func `a prompt is the end-of-text token and every text after a space`() throws {
    let tokenizer = try tokenizer()
    let tokens = tokenizer.prompt(["femp are.", "glon are."])
    #expect(tokens.first == tokenizer.endOfText)
    #expect(tokenizer.decode(tokens.dropFirst()) == " femp are. glon are.")
  }
}
