import Randomness
import Testing

@testable import Corpora

/// The questions about hierarchies, families and celebrities.
@Suite struct FactQuestionsTests {
  private typealias Sample = FactWorldTests.Sample

  private func samples(_ dataset: Dataset) throws -> [FactWorldTests.Sample] {
    try #require(FactWorldTests.samples[dataset])
  }

  /// Every question with what its choices say.
  private func questions(
    _ sample: Sample, _ split: Split
  ) throws -> [(question: Question, choices: [Reading], right: Reading)] {
    try sample.world.questions(split).map { question in
      let choices = try question.choices.map {
        try #require(sample.reader.read(question.prompt + $0))
      }
      return (question, choices, choices[question.answer])
    }
  }

  @Test(arguments: FactWorldTests.datasets)
  func `the right choice is true and the others false`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      for split in sample.world.splits {
        for (question, choices, _) in try questions(sample, split) {
          for (place, choice) in choices.enumerated() {
            #expect(sample.truth.contains(choice.fact) == (place == question.answer))
          }
          #expect(Set(choices.map(\.fact.relation)).count == 1)
          #expect(choices.allSatisfy { $0.fact.subject != $0.fact.object })
        }
      }
    }
  }

  /// Each choice fits the relation: only the right entity decides.
  @Test(arguments: FactWorldTests.datasets)
  func `wrong choices are true of others`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      var values: Set<[String]> = []
      for fact in sample.truth {
        values.formUnion([
          ["\(fact.relation)", "forward", fact.object],
          ["\(fact.relation)", "backward", fact.subject],
        ])
        if fact.relation.isSymmetric {
          values.formUnion([
            ["\(fact.relation)", "forward", fact.subject],
            ["\(fact.relation)", "backward", fact.object],
          ])
        }
      }
      for split in sample.world.splits {
        for (_, choices, _) in try questions(sample, split) {
          for choice in choices {
            let last = choice.side == .forward ? choice.fact.object : choice.fact.subject
            // A tree has too few kinds, and a family too few grandparents, for three of these.
            switch choice.fact.relation {
            case .kind, .verb, .grandparent: continue
            default: break
            }
            #expect(values.contains(["\(choice.fact.relation)", choice.side.rawValue, last]))
          }
        }
      }
    }
  }

  @Test(arguments: FactWorldTests.datasets)
  func `splits ask what their names say`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      let stated = Set(sample.readings.map { [$0.fact.description, $0.side.rawValue] })
      let patterns = Set(sample.readings.map(\.pattern))
      let preambles = Set(sample.readings.map(\.preamble))
      for split in sample.world.splits {
        for (_, _, right) in try questions(sample, split) {
          // The wording shows whether a property or a verb is inherited.
          if right.fact.relation.isHandedDown {
            #expect(right.isInherited == [.deduced, .holdout].contains(split))
          }
          let isStated = stated.contains([right.fact.description, right.side.rawValue])
          switch split {
          case .trained:
            #expect(isStated && patterns.contains(right.pattern))
            #expect(preambles.contains(right.preamble))
          case .rephrased:
            #expect(isStated && !patterns.contains(right.pattern))
            #expect(dataset != .celebrities || !preambles.contains(right.preamble))
          case .reversed: #expect(!isStated && sample.stated.contains(right.fact))
          case .deduced:
            #expect(!sample.stated.contains(right.fact))
            #expect(!sample.held.contains(right.fact.subject))
          case .holdout:
            #expect(!sample.stated.contains(right.fact))
            #expect(sample.held.contains(right.fact.subject))
          default: Issue.record("\(split) is no split of this world")
          }
        }
      }
    }
  }

  @Test(arguments: FactWorldTests.datasets)
  func `the group answers its questions`(_ dataset: Dataset) throws {
    let sample = try samples(dataset)[0]
    let truths = try (0..<sample.world.groupCount).map { group in
      let sentences = sample.world.prompt(groups: [group], seed: 4)
        .flatMap { Reader.sentences($0.text) }
      return closure(Set(try sentences.map { try #require(sample.reader.read($0)).fact }))
    }
    for split in sample.world.splits {
      for (question, _, right) in try questions(sample, split) {
        #expect(truths[question.group].contains(right.fact))
      }
    }
  }

  /// A relation that can be asked about is asked about.
  @Test(arguments: FactWorldTests.datasets)
  func `every relation is asked about`(_ dataset: Dataset) throws {
    let sample = try samples(dataset)[0]
    func name(_ relation: Relation) -> String {
      if case .verb = relation { "verb" } else { "\(relation)" }
    }
    for split in sample.world.splits {
      var counts: [String: Int] = [:]
      for (_, _, right) in try questions(sample, split) {
        counts[name(right.fact.relation), default: 0] += 1
      }
      let all: [Fact] =
        switch split {
        case .trained, .rephrased, .reversed: sample.world.stated.map(\.fact)
        case .deduced: sample.world.deduced.map(\.fact)
        default: sample.world.heldBack.map(\.fact)
        }
      let there = Set(all.map { name($0.relation) })
      #expect(Set(counts.keys) == there)
    }
  }

  /// In a tree by the length of the chain; of a family all in two steps.
  @Test(arguments: FactWorldTests.datasets)
  func `kinds of questions name what is asked for and the steps`(_ dataset: Dataset) throws {
    for sample in try samples(dataset) {
      let truth = Set(sample.stated)
      func parents(_ name: String) -> [String] {
        truth.filter { $0.relation == .kind && $0.subject == name }.map(\.object)
      }
      /// The fewest facts that it follows from.
      func steps(_ fact: Fact) -> Int {
        var heirs = [fact.subject]
        for links in 0... {
          if heirs.contains(where: { truth.contains(Fact(fact.relation, $0, fact.object)) }) {
            return links + 1
          }
          heirs = heirs.flatMap(parents)
          if heirs.isEmpty { break }
        }
        #expect(dataset == .family, "\(fact) does not follow")
        return 2
      }
      for split in sample.world.splits {
        for (question, _, right) in try questions(sample, split) {
          let isForward = right.side == .forward
          let asked =
            switch right.fact.relation {
            case .kind: isForward ? "kind" : "member"
            case .property: isForward ? "property" : "bearer"
            case .verb: isForward ? "object of a verb" : "subject of a verb"
            case .parent: isForward ? "child" : "parent"
            case .grandparent: isForward ? "grandchild" : "grandparent"
            case .identity: isForward ? "description" : "name"
            default: "\(right.fact.relation)"
            }
          let isStated = [.trained, .rephrased, .reversed].contains(split)
          #expect(
            question.kind == asked + (isStated ? "" : ", \(steps(right.fact)) steps"),
            "\(question.prompt)")
        }
      }
    }
  }

  /// "glon" must not be a choice after "glon can telk".
  @Test(arguments: FactWorldTests.datasets)
  func `no choice stands in its prompt`(_ dataset: Dataset) throws {
    /// The words, each between two spaces.
    func words(_ text: String) -> String {
      " " + text.split { !$0.isLetter }.joined(separator: " ") + " "
    }
    for seed in 20..<50 as Range<UInt64> {
      let world = try dataset.world(seed: seed, size: dataset.standardSize / 3)
      for question in world.splits.flatMap(world.questions) {
        for choice in question.choices {
          #expect(!words(question.prompt).contains(words(choice)))
        }
      }
    }
  }

  @Test func `celebrities of a question share a role`() throws {
    func role(_ description: String) -> String {
      String(description.prefix { $0 != " " })
    }
    for sample in try samples(.celebrities) {
      let roleOfName = Dictionary(
        uniqueKeysWithValues: sample.stated.map { ($0.subject, role($0.object)) })
      for split in sample.world.splits {
        for (_, choices, _) in try questions(sample, split) {
          var roles: Set<String> = []
          for choice in choices {
            roles.insert(role(choice.fact.object))
            roles.insert(roleOfName[choice.fact.subject] ?? "none")
          }
          #expect(roles.count == 1)
        }
      }
    }
  }

  @Test(arguments: FactWorldTests.datasets)
  func `answers are judged`(_ dataset: Dataset) throws {
    for sample in try samples(dataset).prefix(2) {
      for split in sample.world.splits {
        for question in sample.world.questions(split) {
          let isGiven = split == .trained || split == .rephrased
          let key = isGiven ? nil : QuestionKey(split: split, fact: question.fact)
          for (place, choice) in question.choices.enumerated() {
            let expected: Judgement = place == question.answer ? .isTrue(answers: key) : .isFalse
            #expect(sample.world.judgement(of: question.prompt + choice) == expected)
          }
        }
      }
    }
  }

  /// If "femp are rony" is stated, "femp inherit being rony" is false; "femp are rony" is true of
  /// what they inherit, too.
  @Test func `nothing stated is inherited`() throws {
    let world = try samples(.hierarchy)[0].world
    func sentences(_ fact: Fact, _ wordings: [Wording]) -> [String] {
      wordings.map { fact.sentence($0) }
    }
    for stated in world.stated {
      for sentence in sentences(stated.fact, stated.fact.relation.inheritedWordings ?? []) {
        #expect(world.judgement(of: sentence) == .isFalse)
      }
    }
    for (number, item) in world.deduced.enumerated() where item.fact.relation.isHandedDown {
      for sentence in sentences(item.fact, item.fact.relation.wordings) {
        #expect(
          world.judgement(of: sentence)
            == .isTrue(answers: QuestionKey(split: .deduced, fact: number)))
      }
    }
  }

  /// The accuracy of a reader who believes a shuffled prompt, and guesses where it says nothing.
  @Test(arguments: FactWorldTests.datasets)
  func `a shuffled prompt is no help`(_ dataset: Dataset) throws {
    let sample = try samples(dataset)[0]
    var random = RandomGenerator(seed: 12)
    var right: [Split: Double] = [:]
    var count: [Split: Int] = [:]
    var known = 0
    let asked = Dictionary(
      uniqueKeysWithValues: try sample.world.splits.map { ($0, try questions(sample, $0)) })
    // Celebrities are shuffled among all groups, so that one group alone says almost nothing.
    let isWhole = dataset == .celebrities
    for seed in 0..<(isWhole ? 20 : 100) as Range<UInt64> {
      let groups =
        isWhole
        ? Array(0..<sample.world.groupCount)
        : [random.integer(below: sample.world.groupCount)]
      let sentences = sample.world.shuffledPrompt(groups: groups, seed: seed)
        .flatMap { Reader.sentences($0.text) }
      let truth = closure(Set(try sentences.map { try #require(sample.reader.read($0)).fact }))
      for (split, questions) in asked {
        for (question, choices, _) in questions where groups.contains(question.group) {
          let believed = choices.indices.filter { truth.contains(choices[$0].fact) }
          if !believed.isEmpty { known += 1 }
          count[split, default: 0] += 1
          right[split, default: 0] +=
            believed.isEmpty
            ? 0.25 : believed.contains(question.answer) ? 1 / Double(believed.count) : 0
        }
      }
    }
    for split in sample.world.splits {
      let number = try #require(count[split])
      #expect(number > 200)
      #expect(abs(right[split, default: 0] / Double(number) - 0.25) < 0.04)
    }
    #expect(known > 100)
  }
}

extension Fact {
  fileprivate var description: String { "\(relation) \(subject) \(object)" }
}

extension Relation {
  /// Whether the wording shows if a category has it itself or inherits it.
  var isHandedDown: Bool {
    switch self {
    case .property, .verb: true
    default: false
    }
  }
}
