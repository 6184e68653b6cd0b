import Corpora
import Testing
import Tokenization

@testable import Study

@Suite struct AugmentationTests {
  /// A trial whose model has learned to generate the articles of its world.
  private func writer() throws -> Trial {
    var settings = FineTuning.tiny
    settings.epochs = 12
    var augmentation = Augmentation()
    augmentation.sentencesPerFact = 10
    let trial = try tinyTrial(fineTuning: settings, augmentation: augmentation)
    return trial.with(model: try trial.fineTuning.train(trial, on: trial.documents).model)
  }

  private static let kinds: [String] = ["local", "global"]

  private func write(_ kind: String, _ trial: Trial) throws -> GeneratedSentences {
    try kind == "local"
      ? trial.augmentation.local(trial) : trial.augmentation.global(trial)
  }

  @Test(arguments: kinds)
  func `the sentences are complete, and each occurs once`(kind: String) throws {
    let trial = try writer()
    let sentences = try write(kind, trial).sentences
    #expect(sentences.count > 2)
    #expect(Set(sentences.map(\.text)).count == sentences.count)
    for sentence in sentences {
      #expect(sentence.text.hasSuffix(".") && !sentence.text.dropLast().contains("."))
      #expect(
        !sentence.text.hasPrefix(" ") && !sentence.text.contains(Tokenizer.endOfTextToken))
      #expect((0..<trial.world.groupCount).contains(sentence.group))
    }
  }

  /// Ten sentences for each of four facts; all count, including the tokens of those that did not
  /// end.
  @Test(arguments: kinds)
  func `the number of samples is the number per fact times the facts`(kind: String) throws {
    let trial = try writer()
    let written = try write(kind, trial)
    #expect(written.samples == 40)
    let ended = written.sentences.reduce(0) { $0 + $1.count }
    #expect((20...40).contains(ended) && written.sentences.count < ended)
    #expect((40...40 * Augmentation.tokensPerSentence).contains(written.cost.tokensWritten))
    #expect(written.cost.seconds > 0 && written.cost.operations > 0)
  }

  @Test(arguments: kinds)
  func `the same seed generates the same, and another seed something else`(kind: String) throws {
    let trial = try writer()
    let texts = try [trial, trial.with(), trial.with(seed: 4)].map { try write(kind, $0).sentences }
    #expect(texts[0] == texts[1])
    #expect(texts[0] != texts[2])
  }

  @Test func `local reads only its document, and global the whole block before it`()
    throws
  {
    let trial = try tinyTrial(size: 23, groupsPerPrompt: 2)
    let documents = Set(trial.documents)
    let blocks = try trial.blocks()
    #expect(blocks.map(\.count) == [1, 2, 2])

    let local = trial.augmentation.localPrompts(trial)
    try #require(local.count == 1)
    #expect(local[0].before.isEmpty)
    #expect(
      local[0].documents.count == 23 && documents.isSuperset(of: local[0].documents.map(\.text)))

    let global = try trial.augmentation.globalPrompts(trial)
    #expect(global.map { $0.before.map(\.text) } == blocks.map { PromptPlan.texts(trial, $0) })
    #expect(global.allSatisfy { $0.documents == $0.before })
  }

  /// The text before a document matters to the model, and so the two kinds differ.
  @Test func `global generates other sentences than local`() throws {
    let trial = try writer()
    #expect(try write("local", trial).sentences != write("global", trial).sentences)
    // It has more to read.
    #expect(try write("global", trial).cost.operations > write("local", trial).cost.operations)
  }

  @Test func `a prompt leaves room to generate`() throws {
    let text = "femp are more rony than glon."
    let world = HandMadeWorld(texts: [String](repeating: text, count: 10))
    let wide = try tinyTrial(world: world)
    // Ten articles and a question fit; ten, one more and a sentence do not.
    let trial = try tinyTrial(world: world, contextLength: 12 + 10 * wide.length(text))
    #expect(try trial.blocks().count == 1)
    let limit = trial.model.configuration.contextLength
    let prompts = try trial.augmentation.globalPrompts(trial)
    #expect(prompts.count > 1)
    #expect(prompts.flatMap(\.before).count == 10)
    for prompt in prompts {
      let longest = prompt.documents.map { trial.length($0.text) }.max() ?? 0
      #expect(
        1 + prompt.before.reduce(0) { $0 + trial.length($1.text) } + longest
          + Augmentation.tokensPerSentence <= limit)
    }
    #expect(try trial.augmentation.global(trial).cost.tokensWritten > 0)
  }

  @Test func `operations count the tokens that were read and generated`() throws {
    let trial = try tinyTrial(
      world: HandMadeWorld(texts: ["femp are more rony than glon."]), augmentation: .tiny)
    let configuration = trial.model.configuration
    let length = Double(trial.length("femp are more rony than glon."))
    let written = try write("global", trial)
    // The prompt, the document after it, and the generated tokens one by one.
    let read =
      configuration.operations(tokens: 1 + length, context: (1 + length) / 2)
      + configuration.operations(tokens: length, context: 1 + 2 * length)
    let token = configuration.operations(tokens: 1, context: 1 + 2 * length)
    let own = (written.cost.operations - read) / token
    // Tokens that several samples share at their beginning are run once, last tokens are not run.
    #expect(abs(own - own.rounded()) < 1e-6 && own >= 0)
    #expect(own <= Double(written.cost.tokensWritten - written.samples) + 1e-6)
  }

  @Test(arguments: [4, 12, 24, 40])
  func `documents that fill the context cause no crash`(contextLength: Int) throws {
    let trial = try tinyTrial(contextLength: contextLength)
    let written = try trial.augmentation.local(trial)
    if contextLength == 4 { #expect(written.sentences.isEmpty && written.cost.tokensWritten == 0) }
    #expect(written.sentences.allSatisfy { $0.text.hasSuffix(".") })
  }

  @Test func `where one group leaves no room, as much as fits is generated`() throws {
    let text = "femp are more rony than glon."
    let world = HandMadeWorld(texts: [text, text])
    let wide = try tinyTrial(world: world)
    let question = wide.length("femp are") + 1 + wide.length("more.")
    // The context holds a group and its question, and nothing else.
    let trial = try tinyTrial(
      world: world, contextLength: 1 + 2 * wide.length(text) + question)
    #expect(
      try trial.augmentation.globalPrompts(trial).map { $0.before.map(\.text) } == [[text], [text]])
    #expect(try trial.augmentation.global(trial).cost.tokensWritten > 0)
    // Where not even the question fits, nothing does.
    let narrow = try tinyTrial(world: world, contextLength: wide.length(text))
    #expect(throws: PromptTooLong.self) { try narrow.augmentation.globalPrompts(narrow) }
  }

  @Test func `two kinds together have each sentence once, all samples and both costs`() {
    var (a, b) = (GeneratedSentences(["a.", "b."]), GeneratedSentences(["b.", "c.", "b."]))
    (a.cost.seconds, b.cost.seconds, a.cost.operations, b.cost.operations) = (1, 2, 10, 20)
    let both = a + b
    #expect(both.sentences.map(\.text) == ["a.", "b.", "c."])
    #expect(both.sentences.map(\.count) == [1, 3, 1])
    #expect(
      both.samples == 5 && both.cost.tokensWritten == 15 && both.cost.seconds == 3
        && both.cost.operations == 30)
  }
}
