import Corpora
import TestSupport
import Testing
import Training

@testable import Study

/// A study would prove nothing if its words were in the pretraining data, or its answers in what
/// our own code lets a model read or train on.
@Suite struct LeakTests {
  private static let wordsOfWorlds: Set<String> = {
    var words: Set<String> = []
    // The first worlds of a study, of choosing settings, and of watching a run.
    for seed in [1, 2, 3, 1000, 1001, 1 << 40, 1 << 40 + 1] as [UInt64] {
      for dataset in Dataset.all {
        guard let world = try? dataset.world(seed: seed) else { continue }
        for entity in world.entities {
          // Two words of "author of femp glon".
          let name = entity.split(separator: " of ").last ?? ""
          words.formUnion(name.split(separator: " ").map(String.init))
        }
      }
    }
    return words
  }()

  private static let heldOut = Set(
    (Lexicon.short.heldOut + Lexicon.long.heldOut).map { Substring($0) })
  private static let pretraining = Set(Lexicon.short.pretraining.map { Substring($0) })

  @Test(arguments: Recipe.standard.stages)
  func `no word of a world is in the standard recipe's data`(stage: Recipe.Stage) {
    var words: Set<Substring> = []
    for row in 0..<125 as Range<UInt64> {
      var documents = DocumentStream(seed: Recipe.standard.seed, row: row, mixture: stage.mixture)
      var count = 0
      // A word is at least one token.
      while count < stage.rowLength {
        let text = documents.next().text.split { !$0.isLetter }
        count += text.count
        words.formUnion(text)
      }
    }
    // The data do contain such words, and so do the worlds.
    #expect(words.count > 1_000)
    #expect(!words.isDisjoint(with: Self.pretraining))
    #expect(Self.wordsOfWorlds.count > 300)
    #expect(Self.heldOut.isSuperset(of: Self.wordsOfWorlds.map { Substring($0) }))
    let leaked = words.filter { Self.wordsOfWorlds.contains(String($0)) }
    #expect(leaked.isEmpty)
    #expect(words.isDisjoint(with: Self.heldOut))
  }

  /// The questions of inferred splits that some texts answer, taken sentence by sentence.
  private func answers(_ texts: some Sequence<String>, _ trial: Trial) -> Set<QuestionKey> {
    var answers: Set<QuestionKey> = []
    for text in Set(texts) {
      let sentences = text.split(separator: ".").map { $0.drop { $0 == " " } + "." }
      for sentence in sentences.map(String.init) + [text] {
        if case .isTrue(let key?) = trial.world.judgement(of: sentence) { answers.insert(key) }
      }
    }
    return answers
  }

  @Test(arguments: Dataset.all)
  func `what our code shows a model answers no inferred question`(
    dataset: Dataset
  ) throws {
    let trial = try tinyTrial(dataset)
    let documents = Set(trial.documents)
    let reversal = WordReversal(names: trial.world.entities)
    #expect(answers(documents, trial).isEmpty)
    #expect(answers(documents.map(reversal.reversed), trial).isEmpty)
    #expect(
      answers(trial.world.entities.map { "The name of \($0) is \($0)." }, trial).isEmpty)
    // The check does find what it looks for.
    let asked = trial.questions.filter { $0.split != .trained && $0.split != .rephrased }
    #expect(!asked.isEmpty)
    let stated = asked.map { question in
      (dataset == .syllogism ? "" : question.prompt)
        + question.choices[question.answer]
    }
    #expect(
      answers(stated, trial) == Set(asked.map { QuestionKey(split: $0.split, fact: $0.fact) }))
  }

  @Test(arguments: Dataset.all)
  func `prompts for generation are articles and nothing else`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset)
    let documents = Set(trial.documents)
    let prompts =
      trial.augmentation.localPrompts(trial)
      + (try trial.augmentation.globalPrompts(trial))
    #expect(prompts.count >= 2)
    for prompt in prompts {
      #expect(!prompt.documents.isEmpty)
      #expect(documents.isSuperset(of: (prompt.before + prompt.documents).map(\.text)))
    }
  }

  /// The choices of syllogisms are whole sentences, and premises are among them.
  @Test(arguments: Dataset.all)
  func `no article holds a question of another split word for word`(dataset: Dataset) throws {
    let trial = try tinyTrial(dataset)
    let text = trial.documents.joined(separator: "\n")
    for question in trial.questions where question.split != .trained && dataset != .syllogism {
      #expect(!text.contains(question.prompt + question.choices[question.answer]))
    }
  }
}
