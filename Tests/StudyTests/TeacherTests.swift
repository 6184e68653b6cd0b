import Corpora
import Foundation
import Kernels
import Testing
import Tokenization
import Transformer

@testable import Study

@Suite struct TeacherTests {
  /// The probabilities of the next token after each token of a text, after a prompt.
  private func probabilities(_ trial: Trial, _ prompt: [String], _ text: String) -> [[Double]] {
    let session = InferenceSession(trial.model)
    session.read(trial.tokenizer.prompt(prompt))
    var result: [[Double]] = []
    session.readAhead([trial.tokenizer.continuation(text)]) { _, _, logits in
      result.append(
        (0..<trial.tokenizer.vocabularySize).map {
          exp(logProbability(logits, target: Int32($0)))
        })
    }
    return result
  }

  @Test
  func `targets are the reading model's probabilities, and the sampled token gets the rest`()
    throws
  {
    let trial = try tinyTrial()
    let text = "femp are more rony than glon."
    let (lessons, cost) = try Teacher(orders: 1).lessons(
      GeneratedSentences([text, text, text, text]), trial)
    try #require(lessons.count == 1)
    #expect(lessons[0].text == text && lessons[0].weight == 2)
    #expect(cost.seconds > 0 && cost.operations > 0)
    let row = Lesson(text: text).tokens(trial)
    let targets = try #require(lessons[0].distributions)
    #expect(targets.count == row.count - 1)
    let prompt = PromptPlan.texts(trial, try trial.blocks()[0])
    let expected = probabilities(trial, prompt, text)
    for place in 0..<targets.count {
      let slots = place * targets.width..<(place + 1) * targets.width
      let (tokens, shares) = (targets.tokens[slots], targets.probabilities[slots])
      // What the sentence is about cannot be predicted.
      if place == 0 {
        #expect(tokens.first == row[1] && shares.reduce(0, +) == 0.1)
        continue
      }
      #expect(abs(shares.reduce(0, +) - 1) < 1e-4)
      for (token, share) in zip(tokens, shares) where share > 0 && token != row[place + 1] {
        #expect(abs(Double(share) - expected[place - 1][Int(token)]) < 1e-3)
      }
      #expect(
        shares.reduce(0) { max($0, $1) } > 0
          && zip(tokens, shares).contains { $0 == row[place + 1] && $1 > 0 })
    }
  }

  @Test func `several orders are averaged, and the misled teacher reads something else`() throws {
    let trial = try tinyTrial(.family)
    let sentences = GeneratedSentences(trial.documents)
    func targets(_ teacher: Teacher) throws -> [Float] {
      try teacher.lessons(sentences, trial).lessons.flatMap {
        $0.distributions?.probabilities ?? []
      }
    }
    let one = try targets(Teacher(orders: 1))
    #expect(try targets(Teacher(orders: 1)) == one)
    #expect(try targets(Teacher(orders: 3)) != one)
    #expect(try targets(Teacher(orders: 1, isMisled: true)) != one)
  }

  /// The teacher reads only documents and generated sentences: its targets are the same for a world
  /// whose questions have been exchanged.
  @Test func `no question and no choice reaches the teacher`() throws {
    let texts = ["femp are more rony than glon.", "yomp are less zept than troff."]
    let trial = try tinyTrial(world: HandMadeWorld(texts: texts))
    var other = HandMadeWorld(texts: texts)
    other.splits = [.reversed]
    other.asked = "glon are less rony than femp."
    let others = try tinyTrial(world: other)
    let sentences = GeneratedSentences(["glon are less rony than femp."])
    let both = try [trial, others].map { try Teacher(orders: 2).lessons(sentences, $0).lessons }
    #expect(both[0].map(\.distributions) == both[1].map(\.distributions))
    #expect(
      try trial.augmentation.both(trial).sentences == others.augmentation.both(others).sentences)
  }

  @Test func `a sentence is in the group that its first distinctive word is in`() {
    let finder = GroupFinder([
      Article(group: 0, text: "femp is the parent of glon."),
      Article(group: 0, text: "glon is the parent of troff."),
      Article(group: 1, text: "yomp is the parent of zept."),
    ])
    #expect(finder.group(of: "troff is the child of zept.") == 0)
    #expect(finder.group(of: "Surely zept is the child of troff.") == 1)
    #expect(finder.group(of: "is the parent of") == nil)
    #expect(finder.group(of: "nobody knows") == nil)
  }

  /// The first distinctive word of a question is in its own group's articles.
  @Test(arguments: [Dataset.family, .celebrities])
  func `most questions are found in their own group`(dataset: Dataset) throws {
    let world = try dataset.world(seed: 4)
    let finder = GroupFinder(world.articles)
    let questions = world.splits.flatMap { world.questions($0) }
    let right = questions.count { finder.group(of: $0.prompt) == $0.group }
    #expect(Double(right) > 0.9 * Double(questions.count))
  }
}
