import Corpora
import Testing
import Tokenization

@testable import Study

@Suite struct AugmentationTests {
  /// A bench whose model has learnt to write the articles of its world.
  private func writer() throws -> Bench {
    var settings = FineTuning.tiny
    settings.epochs = 12
    var augmentation = Augmentation()
    augmentation.sentencesPerFact = 10
    let bench = try tinyBench(fineTuning: settings, augmentation: augmentation)
    return bench.with(model: try bench.fineTuning.train(bench, on: bench.documents).model)
  }

  private static let kinds: [String] = ["local", "global", "free"]

  private func write(_ kind: String, _ bench: Bench) throws -> Written {
    switch kind {
    case "local": bench.augmentation.local(bench)
    case "global": try bench.augmentation.global(bench)
    default: try bench.augmentation.free(bench)
    }
  }

  @Test(arguments: kinds)
  func `the sentences are whole, different and not the documents`(kind: String) throws {
    let bench = try writer()
    let written = try write(kind, bench)
    #expect(written.sentences.count > 2)
    #expect(Set(written.sentences).count == written.sentences.count)
    #expect(Set(written.sentences).isDisjoint(with: bench.documents))
    for sentence in written.sentences {
      #expect(sentence.hasSuffix(".") && !sentence.dropLast().contains("."))
      #expect(!sentence.hasPrefix(" ") && !sentence.contains(Tokenizer.endOfTextToken))
    }
    #expect(written.seconds > 0 && written.operations > 0)
  }

  /// Ten sentences for each of four facts; all tokens count, also of those that were dropped.
  @Test(arguments: kinds)
  func `so many sentences are sampled as there are for each fact`(kind: String) throws {
    let bench = try writer()
    let written = try write(kind, bench)
    #expect(written.sentences.count <= 40)
    #expect((40...40 * Augmentation.tokensPerSentence).contains(written.tokens))
    #expect(
      written.tokens >= written.sentences.reduce(0) { $0 + bench.tokenizer.encode($1).count } / 2)
  }

  @Test(arguments: kinds)
  func `the same seed writes the same, another seed something else`(kind: String) throws {
    let bench = try writer()
    let texts = try [bench, bench.with(), bench.with(seed: 4)].map { try write(kind, $0).sentences }
    #expect(texts[0] == texts[1])
    #expect(texts[0] != texts[2])
  }

  @Test func `local reads its document alone, global the whole block before it, free no last one`()
    throws
  {
    let bench = try tinyBench(size: 23, groupsPerPrompt: 2)
    let documents = Set(bench.documents)
    let blocks = try bench.blocks()
    #expect(blocks.map(\.count) == [1, 2, 2])

    let local = bench.augmentation.localPrompts(bench)
    try #require(local.count == 1)
    #expect(local[0].before.isEmpty)
    #expect(local[0].documents.count == 23 && documents.isSuperset(of: local[0].documents))

    let global = try bench.augmentation.globalPrompts(bench)
    #expect(global.map(\.before) == blocks.map { PromptPlan.texts(bench, $0) })
    #expect(global.allSatisfy { $0.documents == $0.before && documents.isSuperset(of: $0.before) })

    let free = try bench.augmentation.freePrompts(bench)
    #expect(free.map(\.before) == global.map(\.before))
    #expect(free.allSatisfy { $0.documents == [""] })
  }

  /// What stands before a document matters to the model, and so the two kinds differ.
  @Test func `global writes something else than local`() throws {
    let bench = try writer()
    #expect(try write("local", bench).sentences != write("global", bench).sentences)
    // It has more to read.
    #expect(try write("global", bench).operations > write("local", bench).operations)
  }

  @Test func `a prompt leaves room to write`() throws {
    let text = "femp are more rony than glon."
    let world = HandMadeWorld(texts: [String](repeating: text, count: 10))
    let wide = try tinyBench(world: world)
    // Ten articles and a question fit; ten, one more and a sentence do not.
    let bench = try tinyBench(world: world, contextLength: 12 + 10 * wide.length(text))
    #expect(try bench.blocks().count == 1)
    let limit = bench.model.configuration.contextLength
    for prompts in [
      try bench.augmentation.globalPrompts(bench), try bench.augmentation.freePrompts(bench),
    ] {
      #expect(prompts.count > 1)
      #expect(prompts.flatMap(\.before).count == 10)
      for prompt in prompts {
        let longest = prompt.documents.map { $0.isEmpty ? 0 : bench.length($0) }.max() ?? 0
        #expect(
          1 + prompt.before.reduce(0) { $0 + bench.length($1) } + longest
            + Augmentation.tokensPerSentence <= limit)
      }
    }
    #expect(try bench.augmentation.global(bench).tokens > 0)
  }

  @Test func `operations count the tokens that were read and written`() throws {
    let bench = try tinyBench(
      world: HandMadeWorld(texts: ["femp are more rony than glon."]), augmentation: .tiny)
    let configuration = bench.model.configuration
    let length = Double(bench.length("femp are more rony than glon."))
    let written = try write("global", bench)
    // The prompt, the document behind it, and what was written behind both.
    let expected =
      configuration.operations(tokens: 1 + length, context: (1 + length) / 2)
      + configuration.operations(tokens: length, context: 1 + 2 * length)
      + configuration.operations(tokens: Double(written.tokens), context: 1 + 2 * length)
    #expect(abs(written.operations / expected - 1) < 1e-9)
  }

  @Test(arguments: [4, 12, 24, 40])
  func `documents that fill the context are no trouble`(contextLength: Int) throws {
    let bench = try tinyBench(contextLength: contextLength)
    let written = bench.augmentation.local(bench)
    if contextLength == 4 { #expect(written.sentences.isEmpty && written.tokens == 0) }
    #expect(written.sentences.allSatisfy { $0.hasSuffix(".") })
  }

  @Test func `where one group leaves no room, what fits is written`() throws {
    let text = "femp are more rony than glon."
    let world = HandMadeWorld(texts: [text, text])
    let wide = try tinyBench(world: world)
    let question = wide.length("femp are") + 1 + wide.length("more.")
    // A group, a question of its own, and nothing else.
    let bench = try tinyBench(
      world: world, contextLength: 1 + 2 * wide.length(text) + question)
    #expect(try bench.augmentation.globalPrompts(bench).map(\.before) == [[text], [text]])
    #expect(try bench.augmentation.global(bench).tokens > 0)
    // Where not even the question fits, nothing does.
    let narrow = try tinyBench(world: world, contextLength: wide.length(text))
    #expect(throws: PromptTooLong.self) { try narrow.augmentation.globalPrompts(narrow) }
  }

  @Test func `two kinds together are each sentence once and both costs`() {
    let a = Written(sentences: ["a.", "b."], tokens: 3, seconds: 1, operations: 10)
    let b = Written(sentences: ["b.", "c."], tokens: 4, seconds: 2, operations: 20)
    let both = a + b
    #expect(both.sentences == ["a.", "b.", "c."])
    #expect(both.tokens == 7 && both.seconds == 3 && both.operations == 30)
  }
}
