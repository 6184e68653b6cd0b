import Corpora
import Foundation
import TestSupport
import Testing

@testable import Study

@Suite struct ArmTests {
  @Test func `arms have different names, which are those in the documentation's table`() throws {
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

  @Test func `the comparison has one arm in each role, and the bound is not an arm`() {
    #expect(
      Arm.main.map(\.role) == [.pretrained, .fineTuning, .inContext, .augmentation])
    #expect(!Arm.all.contains { $0.name == Arm.upperBound.name })
    #expect(Arm.named("augmented@16")?.name == "augmented" && Arm.named("augmentd") == nil)
    #expect(Set(Arm.known.map(\.name)).count == Arm.known.count)
  }

  /// The texts of the arm's prompts, one entry per question.
  private func prompts(_ prepared: PreparedModel, _ trial: Trial) -> [[String]] {
    trial.questions.map(prepared.prompt)
  }

  @Test(arguments: Dataset.all)
  func `every arm has the properties it states, trains a copy, and answers`(dataset: Dataset) throws
  {
    let trial = try tinyTrial(dataset)
    let work = SharedWork(trial)
    let before = trial.model.digest
    #expect(Set(trial.questions.map(\.split)) == Set(trial.world.splits))
    for arm in Arm.all {
      let prepared = try arm.prepare(work)
      #expect((prepared.model !== trial.model) == arm.trains, "\(arm.name)")
      #expect((prepared.model.digest != before) == arm.trains, "\(arm.name)")
      #expect((prepared.cost.tokensTrained > 0) == arm.trains, "\(arm.name)")
      #expect((prepared.cost.seconds > 0) == arm.trains, "\(arm.name)")
      #expect((prepared.cost.operations > 0) == arm.trains, "\(arm.name)")
      let writes = arm.facts == .inferences
      #expect((prepared.cost.tokensWritten > 0) == writes, "\(arm.name)")
      #expect((prepared.augmentation != nil) == writes, "\(arm.name)")
      #expect(prepared.augmentation?.written.allSatisfy { $0.arm == arm.name } ?? true)
      let texts = prompts(prepared, trial)
      switch arm.facts {
      case .prompt, .both: #expect(texts.allSatisfy { !$0.isEmpty }, "\(arm.name)")
      case .weights, .inferences: #expect(texts.allSatisfy { $0.isEmpty }, "\(arm.name)")
      // A control reads nothing, or no article of the world.
      case .nowhere:
        let documents = Set(trial.documents)
        let hasFacts = texts.contains { !$0.isEmpty && Set($0).isSubset(of: documents) }
        #expect(!hasFacts, "\(arm.name)")
      }
      let result = try trial.ask(as: arm.name, prepared)
      #expect(result.samples.count == trial.questions.count)
      #expect(
        result.samples.allSatisfy { sample in
          sample.arm == arm.name && sample.logLikelihoods.allSatisfy { $0.isFinite && $0 < 0 }
            && [sample.score, sample.scoreNormalized, sample.scoreCorrected]
              .allSatisfy((0...1).contains)
        }, "\(arm.name)")
    }
    #expect(trial.model.digest == before)
  }

  @Test(arguments: Dataset.all)
  func `in-context reads articles, and its control reads the same forms with wrong facts`(
    dataset: Dataset
  ) throws {
    let trial = try tinyTrial(dataset)
    let stated = prompts(try Arm.inContext.prepare(trial), trial)
    let control = prompts(try Arm.inContextShuffled.prepare(trial), trial)
    let documents = Set(trial.documents)
    #expect(stated.allSatisfy { Set($0).isSubset(of: documents) })
    #expect(Set(stated.joined()).allSatisfy { trial.isTrue($0) })
    #expect(control.map(\.count) == stated.map(\.count))
    #expect(Set(control.joined()).contains { !trial.isTrue($0) })
    // The words are in other places, and none is new.
    func words(_ texts: [[String]]) -> Set<Substring> {
      Set(texts.joined().flatMap { $0.split { !$0.isLetter } })
    }
    let known = words([trial.documents])
    #expect(words(control).subtracting(["more", "less"]).isSubset(of: known))
  }

  @Test func `in-context after fine-tuning combines the two arms`() throws {
    let trial = try tinyTrial()
    let work = SharedWork(trial)
    let both = try Arm.inContextAfterFineTuning.prepare(work)
    let tuned = try Arm.fineTuned.prepare(work)
    #expect(both.model === tuned.model)
    #expect(prompts(both, trial) == prompts(try Arm.inContext.prepare(trial), trial))
    #expect(both.cost.tokensTrained == tuned.cost.tokensTrained)
    #expect(both.curve.isEmpty && !tuned.curve.isEmpty)
  }

  @Test func `retrieval reads five documents, and the last states the question's fact`() throws {
    let trial = try tinyTrial(size: 12)
    let facts = try #require(trial.world as? ReversalWorld).facts
    let prepared = try Arm.retrieval.prepare(trial)
    for question in trial.questions {
      let texts = prepared.prompt(question)
      #expect(Set(texts).count == 5 && Set(texts).isSubset(of: trial.documents))
      // With so few facts the words of an opening may be rarer than the noun, and an unseen opening
      // may match a wrong document.
      if question.split == .rephrased { continue }
      let best = try #require(texts.last)
      #expect(best.contains(facts[question.fact].subject))
      #expect(best.contains(facts[question.fact].object))
    }
  }

  /// What an arm trains on, by its number of tokens: the documents, and only what the arm says that
  /// it adds.
  @Test(arguments: Dataset.all)
  func `arms train on what they say`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset, fineTuning: .tiny)
    let documents = trial.rowTokens(trial.documents)
    func trained(_ arm: Arm) throws -> Int { try arm.prepare(trial).cost.tokensTrained }
    func written(_ arm: Arm) throws -> Int {
      trial.rowTokens(try #require(arm.prepare(trial).augmentation).written.map(\.sentence))
    }
    #expect(try trained(.fineTuned) == documents)
    let bridges = trial.world.entities.map { "The name of \($0) is \($0)." }
    #expect(!bridges.isEmpty)
    #expect(try trained(.identityBridge) == documents + 5 * trial.rowTokens(bridges))
    let reversal = WordReversal(names: trial.world.entities)
    #expect(
      try trained(.reverseTraining)
        == documents + trial.rowTokens(trial.documents.map(reversal.reversed)))
    // The number of tokens per fact does not depend on the number of sentences.
    let goal = trial.fineTuning.inferenceTokensPerFact * trial.world.factCount
    for arm in Arm.all where arm.facts == .inferences {
      let own = try trained(arm) - documents
      #expect(
        try goal <= own && own <= goal + Augmentation.tokensPerSentence && written(arm) > 0,
        "\(arm.name)")
    }
    let stated = trial.questions.filter(\.split.isInferred).map {
      $0.prompt + $0.choices[$0.answer]
    }
    #expect(try trained(.upperBound) == documents + 10 * trial.rowTokens(stated))
    // A dose ends with the batch that fills it.
    let augmented = try trained(.augmented)
    let longest = trial.documents.map { 1 + trial.length($0) }.max() ?? 0
    let dose = try trained(.doseMatched)
    #expect(augmented <= dose && dose < augmented + longest + trial.fineTuning.tokensPerBatch)
  }

  @Test func `the augmented arm trains on both kinds of sentences, each once`() throws {
    let work = SharedWork(try tinyTrial())
    func sentences(_ arm: Arm) throws -> [String] {
      try #require(arm.prepare(work).augmentation).written.map(\.sentence)
    }
    let both = try sentences(.augmented)
    #expect(Set(both).count == both.count)
    #expect(
      try Set(both) == Set(sentences(.augmentedLocal)).union(sentences(.augmentedGlobal)))
    #expect(try sentences(.augmentedSampled) == both)
    #expect(
      try Arm.augmented.prepare(work).cost.tokensWritten
        == Arm.augmentedLocal.prepare(work).cost.tokensWritten
        + Arm.augmentedGlobal.prepare(work).cost.tokensWritten)
  }

  @Test func `a point of the dose curve generates its number, and the study's own is the arm`()
    throws
  {
    let trial = try tinyTrial()
    let points = try [1, 2, 4].map { try Arm.augmented(dose: $0).prepare(trial) }
    let samples = points.compactMap(\.augmentation).map { $0.samples + $0.unfinished }
    #expect(samples == [1, 2, 4].map { 2 * trial.world.factCount * $0 })
    #expect(try points[1].model.digest == Arm.augmented.prepare(trial).model.digest)
  }

  /// The misled arm has as many samples, and reads none of the true facts.
  @Test(arguments: Dataset.all)
  func `the misled arm reads the same forms with wrong facts`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset)
    let settings = trial.augmentation
    let (right, wrong) = (
      settings.localPrompts(trial), settings.localPrompts(trial, isShuffled: true)
    )
    #expect(right[0].documents.count == wrong[0].documents.count)
    #expect(right[0].documents.allSatisfy { trial.isTrue($0.text) })
    #expect(wrong[0].documents.contains { !trial.isTrue($0.text) })
    #expect(
      try settings.globalPrompts(trial, isShuffled: true).flatMap(\.before)
        .contains { !trial.isTrue($0.text) })
    #expect(
      try settings.both(trial).samples == settings.both(trial, isShuffled: true).samples)
  }

  @Test func `a dose counts the cut documents where the context cuts them`() throws {
    let text = "femp are more rony than glon."
    let long = [String](repeating: text, count: 100).joined(separator: " ")
    let trial = try tinyTrial(
      world: HandMadeWorld(
        texts: [String](repeating: text, count: 4), others: [String](repeating: long, count: 20)),
      contextLength: 150)
    let goal = try Arm.augmented.prepare(trial).cost.tokensTrained
    let dose = try Arm.doseMatched.prepare(trial).cost.tokensTrained
    #expect(goal > 20 * 150)
    #expect(goal <= dose && dose < goal + 150 + trial.fineTuning.tokensPerBatch)
  }
}

extension Trial {
  /// Whether every sentence of an article is true.
  func isTrue(_ article: String) -> Bool {
    let sentences =
      world.dataset == Dataset.syllogism.name
      ? [article] : article.split(separator: ".").map { $0.drop { $0 == " " } + "." }
    return sentences.allSatisfy { sentence in
      if case .isTrue = world.judgement(of: String(sentence)) { true } else { false }
    }
  }
}
