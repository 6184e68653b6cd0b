import Corpora
import Foundation
import TestSupport
import Testing

@testable import Study

@Suite struct ArmTests {
  @Test func `arms have different names, those of the documentation's table`() throws {
    let names = Arm.all.map(\.name)
    #expect(Set(names).count == names.count)
    for arm in Arm.all {
      #expect(arm.name.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(!arm.summary.isEmpty)
    }
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/study.md"), encoding: .utf8)
    let table = try #require(page.split(separator: "| arm | what it sees |").last)
    let documented = table.drop { $0 != "\n" }.split(separator: "\n").dropFirst()
      .prefix { $0.hasPrefix("| `") }
      .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    #expect(documented == names)
  }

  @Test func `controls are those that see no true fact`() {
    #expect(
      Arm.all.filter(\.isControl).map(\.name) == ["pretrained", "in-context-shuffled"])
    #expect(Arm.all.filter(\.isMisled).map(\.name) == ["augmented-shuffled"])
    #expect(
      Arm.all.filter(\.learnsInferences).map(\.name)
        == [
          "augmented-local", "augmented-global", "augmented-sampled", "augmented",
          "augmented-shuffled",
        ])
    #expect(!Arm.all.contains { $0.name == Arm.upperBound.name })
    #expect(
      Arm.all.filter { !$0.trains }.map(\.name)
        == ["pretrained", "in-context", "in-context-shuffled", "retrieval"])
  }

  /// The texts that a prompt of the arm holds, question after question.
  private func prompts(_ prepared: Prepared, _ bench: Bench) -> [[String]] {
    bench.questions.map(prepared.prompt)
  }

  @Test(arguments: Dataset.allCases)
  func `every arm is as it says, trains a copy, and can be asked`(dataset: Dataset) throws {
    let bench = try tinyBench(dataset)
    let before = bench.model.digest
    #expect(Set(bench.questions.map(\.split)) == Set(bench.world.splits))
    for arm in Arm.all {
      let prepared = try arm.prepare(bench)
      #expect((prepared.model !== bench.model) == arm.trains, "\(arm.name)")
      #expect((prepared.model.digest != before) == arm.trains, "\(arm.name)")
      #expect((prepared.tokensTrained > 0) == arm.trains, "\(arm.name)")
      #expect((prepared.secondsTrain > 0) == arm.trains, "\(arm.name)")
      #expect((prepared.operationsTrain > 0) == arm.trains, "\(arm.name)")
      let writes = arm.learnsInferences
      #expect((prepared.tokensWritten > 0) == writes, "\(arm.name)")
      #expect((prepared.augmentation != nil) == writes, "\(arm.name)")
      #expect(prepared.augmentation?.written.allSatisfy { $0.arm == arm.name } ?? true)
      let reads = arm.name.hasPrefix("in-context") || arm.name == "retrieval"
      #expect(prompts(prepared, bench).allSatisfy { $0.isEmpty != reads }, "\(arm.name)")
      let result = try Scoring(arm: arm.name, bench: bench).run(prepared)
      #expect(result.samples.count == bench.questions.count)
      #expect(
        result.samples.allSatisfy { sample in
          sample.arm == arm.name && sample.logLikelihoods.allSatisfy { $0.isFinite && $0 < 0 }
            && [sample.score, sample.scoreNormalized, sample.scoreCorrected]
              .allSatisfy((0...1).contains)
        }, "\(arm.name)")
    }
    #expect(bench.model.digest == before)
  }

  @Test(arguments: Dataset.allCases)
  func `the prompt of in-context is articles, that of the control the same forms with wrong facts`(
    dataset: Dataset
  ) throws {
    let bench = try tinyBench(dataset)
    let told = prompts(try Arm.inContext.prepare(bench), bench)
    let control = prompts(try Arm.inContextShuffled.prepare(bench), bench)
    let documents = Set(bench.documents)
    #expect(told.allSatisfy { Set($0).isSubset(of: documents) })
    #expect(Set(told.joined()).allSatisfy { bench.isTrue($0) })
    #expect(control.map(\.count) == told.map(\.count))
    #expect(Set(control.joined()).contains { !bench.isTrue($0) })
    // Words in other places, and none new.
    func words(_ texts: [[String]]) -> Set<Substring> {
      Set(texts.joined().flatMap { $0.split { !$0.isLetter } })
    }
    let known = words([bench.documents])
    #expect(words(control).subtracting(["more", "less"]).isSubset(of: known))
  }

  @Test func `facts in the weights and in the prompt are those of the two arms`() throws {
    let bench = try tinyBench()
    let both = try Arm.inContextAfterFineTuning.prepare(bench)
    let tuned = try Arm.fineTuned.prepare(bench)
    #expect(both.model === tuned.model)
    #expect(prompts(both, bench) == prompts(try Arm.inContext.prepare(bench), bench))
    #expect(both.tokensTrained == tuned.tokensTrained)
    #expect(both.curve.isEmpty && !tuned.curve.isEmpty)
  }

  @Test func `retrieval reads five documents, and last one that tells the question's fact`() throws
  {
    let bench = try tinyBench(size: 12)
    let facts = try #require(bench.world as? ReversalWorld).facts
    let prepared = try Arm.retrieval.prepare(bench)
    for question in bench.questions {
      let texts = prepared.prompt(question)
      #expect(Set(texts).count == 5 && Set(texts).isSubset(of: bench.documents))
      // Of so few facts the words of an opening may be rarer than the noun, and an unseen opening
      // may lead astray.
      if question.split == .rephrased { continue }
      let best = try #require(texts.last)
      #expect(best.contains(facts[question.fact].subject))
      #expect(best.contains(facts[question.fact].object))
    }
  }

  /// What an arm trains on, by the number of its tokens: the documents, and nothing but what the
  /// arm says it adds.
  @Test(arguments: Dataset.allCases)
  func `arms train on what they say`(dataset: Dataset) throws {
    let bench = try tinyBench(dataset, fineTuning: .tiny)
    let documents = bench.rowTokens(bench.documents)
    func trained(_ arm: Arm) throws -> Int { try arm.prepare(bench).tokensTrained }
    func written(_ arm: Arm) throws -> Int {
      bench.rowTokens(try #require(arm.prepare(bench).augmentation).written.map(\.sentence))
    }
    #expect(try trained(.fineTuned) == documents)
    let bridges = bench.world.entities.map { "The name of \($0) is \($0)." }
    #expect(!bridges.isEmpty)
    #expect(try trained(.identityBridge) == documents + 5 * bench.rowTokens(bridges))
    let reversal = WordReversal(names: bench.world.entities)
    #expect(
      try trained(.reverseTraining)
        == documents + bench.rowTokens(bench.documents.map(reversal.reversed)))
    // So many tokens a fact, however many sentences there are.
    let goal = bench.fineTuning.inferenceTokensPerFact * bench.world.factCount
    for arm in Arm.all where arm.learnsInferences {
      let own = try trained(arm) - documents
      #expect(
        try goal <= own && own <= goal + Augmentation.tokensPerSentence && written(arm) > 0,
        "\(arm.name)")
    }
    let told = bench.questions.filter(\.split.isInferred).map { $0.prompt + $0.choices[$0.answer] }
    #expect(try trained(.upperBound) == documents + 10 * bench.rowTokens(told))
    // A dose is full with the batch that fills it.
    let augmented = try trained(.augmented)
    let longest = bench.documents.map { 1 + bench.length($0) }.max() ?? 0
    let dose = try trained(.doseMatched)
    #expect(augmented <= dose && dose < augmented + longest + bench.fineTuning.tokensPerBatch)
  }

  @Test func `the augmented arm trains on both kinds of sentences, each once`() throws {
    let bench = try tinyBench()
    func sentences(_ arm: Arm) throws -> [String] {
      try #require(arm.prepare(bench).augmentation).written.map(\.sentence)
    }
    let both = try sentences(.augmented)
    #expect(Set(both).count == both.count)
    #expect(
      try Set(both) == Set(sentences(.augmentedLocal)).union(sentences(.augmentedGlobal)))
    #expect(try sentences(.augmentedSampled) == both)
    #expect(
      try Arm.augmented.prepare(bench).tokensWritten
        == Arm.augmentedLocal.prepare(bench).tokensWritten
        + Arm.augmentedGlobal.prepare(bench).tokensWritten)
  }

  @Test func `points of the dose curve write so many sentences, and the study's own is the arm`()
    throws
  {
    let bench = try tinyBench()
    let points = try [1, 2, 4].map { try Arm.augmented(dose: $0).prepare(bench) }
    let facts = bench.world.factCount
    #expect(
      points.map { ($0.augmentation?.samples ?? 0) + ($0.augmentation?.unfinished ?? 0) }
        == [1, 2, 4].map { 2 * facts * $0 })
    #expect(try points[1].model.digest == Arm.augmented.prepare(bench).model.digest)
  }

  /// As many samples, none of the true facts among what was read.
  @Test(arguments: Dataset.allCases)
  func `the misled arm reads the same forms with wrong facts`(dataset: Dataset) throws {
    let bench = try tinyBench(dataset)
    let settings = bench.augmentation
    let (right, wrong) = (
      settings.localPrompts(bench), settings.localPrompts(bench, isShuffled: true)
    )
    #expect(right[0].documents.count == wrong[0].documents.count)
    #expect(right[0].documents.allSatisfy { bench.isTrue($0.text) })
    #expect(wrong[0].documents.contains { !bench.isTrue($0.text) })
    #expect(
      try settings.globalPrompts(bench, isShuffled: true).flatMap(\.before)
        .contains { !bench.isTrue($0.text) })
    #expect(
      try settings.both(bench).samples == settings.both(bench, isShuffled: true).samples)
  }

  @Test func `a dose is of cut documents where the context cuts them`() throws {
    let text = "femp are more rony than glon."
    let long = [String](repeating: text, count: 100).joined(separator: " ")
    let bench = try tinyBench(
      world: HandMadeWorld(
        texts: [String](repeating: text, count: 4), others: [String](repeating: long, count: 20)),
      contextLength: 150)
    let goal = try Arm.augmented.prepare(bench).tokensTrained
    let dose = try Arm.doseMatched.prepare(bench).tokensTrained
    #expect(goal > 20 * 150)
    #expect(goal <= dose && dose < goal + 150 + bench.fineTuning.tokensPerBatch)
  }
}

extension Bench {
  /// Whether every sentence of an article is true.
  func isTrue(_ article: String) -> Bool {
    let sentences =
      world.dataset == Dataset.syllogism.rawValue
      ? [article] : article.split(separator: ".").map { $0.drop { $0 == " " } + "." }
    return sentences.allSatisfy { sentence in
      if case .isTrue = world.verdict(on: String(sentence)) { true } else { false }
    }
  }
}
