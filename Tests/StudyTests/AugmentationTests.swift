import Corpora
import Testing

@testable import Study

@Suite struct AugmentationTests {
  /// A bench whose model has learnt to write the articles of its world, and so ends its sentences.
  private func writer() throws -> Bench {
    var bench = try tinyBench()
    var fineTuning = bench.fineTuning
    fineTuning.epochs = 12
    let model = try fineTuning.train(bench, on: bench.world.articles).model
    bench = try tinyBench(model: model)
    return bench
  }

  @Test func `the sentences are whole, different and not the documents`() throws {
    let bench = try writer()
    let documents = Array(bench.world.articles.prefix(20))
    let written = LocalAugmentation().sentences(about: documents, bench)
    #expect(written.count > 5)
    #expect(written.count <= 8 * documents.count)
    #expect(Set(written).count == written.count)
    #expect(Set(written).isDisjoint(with: documents))
    for sentence in written {
      #expect(sentence.hasSuffix("."))
      #expect(!sentence.hasPrefix(" "))
      #expect(!sentence.contains("<|endoftext|>"))
    }
  }

  @Test func `a sentence that is a document is not written again`() throws {
    let bench = try writer()
    let documents = Array(bench.world.articles.prefix(10))
    let written = LocalAugmentation().sentences(about: documents, bench)
    #expect(!written.isEmpty)
    // After the first ten, the same is drawn as before; now all of it is known.
    let again = LocalAugmentation().sentences(about: documents + written, bench)
    #expect(Set(again).isDisjoint(with: written))
  }

  @Test func `the same seed writes the same, another seed something else`() throws {
    let bench = try writer()
    let other = Bench(
      world: bench.world, seed: 4, model: bench.model, tokenizer: bench.tokenizer,
      fineTuning: bench.fineTuning)
    let documents = Array(bench.world.articles.prefix(10))
    let texts = [bench, bench, other].map { LocalAugmentation().sentences(about: documents, $0) }
    #expect(texts[0] == texts[1])
    #expect(texts[0] != texts[2])
  }

  @Test(arguments: [4, 12, 24, 40])
  func `documents that fill the context are no trouble`(contextLength: Int) throws {
    let bench = try tinyBench(contextLength: contextLength)
    let written = LocalAugmentation().sentences(about: bench.world.articles, bench)
    if contextLength == 4 { #expect(written.isEmpty) }
    #expect(written.allSatisfy { $0.hasSuffix(".") })
  }

  private func sentence(_ fact: Comparison, verb: String = "are") -> String {
    Rendering(preamble: "", verb: verb).sentence(fact)
  }

  @Test func `sentences are counted as true, false or malformed`() throws {
    let world = try tinyWorld()
    let facts = world.facts
    let report = AugmentationReport(
      [
        sentence(facts[0]), sentence(facts[1].reversed), sentence(facts[1].reversed, verb: "seem"),
        sentence(facts[2].reversed), sentence(facts[3].contradicted), "femp femp.",
        sentence(facts[0].reversed.contradicted), "",
      ], arm: "mine", bench: try tinyBench())
    #expect(report.written.count == 8)
    #expect(report.share(.isTrue) == 0.5)
    #expect(report.share(.isFalse) == 0.25)
    #expect(report.share(.isMalformed) == 0.25)
    // Two of the four facts were turned round.
    #expect(report.coverage == [.reversed: 0.5])
    #expect(
      report.written[4]
        == WrittenSentence(
          arm: "mine", seed: 3, sentence: sentence(facts[3].contradicted), judgement: .isFalse))
  }

  @Test func `nothing written is nothing true`() throws {
    let report = AugmentationReport([], arm: "mine", bench: try tinyBench())
    #expect(report.written.isEmpty)
    #expect(report.share(.isTrue) + report.share(.isFalse) + report.share(.isMalformed) == 0)
    #expect(report.coverage.isEmpty)
  }

  @Test func `the augmented arm trains on the articles and what it wrote`() throws {
    let bench = try writer()
    let plain = try Arm.fineTuned.prepare(bench)
    let augmented = try Arm.augmentedLocal.prepare(bench)
    let report = try #require(augmented.augmentation)
    #expect(!report.written.isEmpty)
    #expect(report.written.allSatisfy { $0.arm == "augmented-local" && $0.seed == 3 })
    #expect(augmented.tokensTrained > plain.tokensTrained)
    #expect(plain.augmentation == nil)
  }
}
