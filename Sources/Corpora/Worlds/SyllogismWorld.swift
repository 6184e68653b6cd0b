import Randomness

/// A world of syllogisms: three terms each, two premises told, the conclusion asked for.
///
/// After the *simple syllogisms* of Lampinen et al. 2025, arXiv 2505.00661: six statements, {all, some,
/// no} in both directions, are scored. The moods are equally frequent and each order of terms is as
/// likely as the other, so whoever knows nothing, or only the form, is right once in six. "Some" and
/// "No" hold from either side; the conclusion in its traditional form, the minor term first, is the
/// one that counts.
public struct SyllogismWorld: World {
  public let dataset = Dataset.syllogism.name
  public let splits: [Split] = [.trained, .rephrased, .deduced]
  public let seed: UInt64
  public let examples: [Syllogism]
  public let articles: [Article]
  public let entities: [String]

  /// How one article tells an example.
  private struct Telling: Sendable {
    /// The terms in the order of the header: 0 is the minor, 1 the middle and 2 the major.
    var terms: [Int]
    var minorFirst: Bool
  }
  private let tellings: [[Telling]]

  public static let articlesPerExample = 10

  /// - Throws: ``CorpusError`` where there are too few held-out words.
  public init(seed: UInt64, exampleCount: Int) throws(CorpusError) {
    let words = Lexicon.short.heldOut
    guard exampleCount <= words.count / 3 else {
      throw .tooLarge(
        asked: exampleCount, most: words.count / 3, units: Dataset.syllogism.units)
    }
    var random = RandomGenerator(seed: seed, keys: Stream.facts.rawValue)
    let names = random.sample(3 * exampleCount, of: words)
    let moods = Syllogism.Mood.allCases
    let shuffled = random.shuffled((0..<exampleCount).map { moods[$0 % moods.count] })
    examples = (0..<exampleCount).map {
      Syllogism(
        mood: shuffled[$0], minor: names[3 * $0], middle: names[3 * $0 + 1],
        major: names[3 * $0 + 2])
    }
    random = RandomGenerator(seed: seed, keys: Stream.documents.rawValue)
    tellings = examples.map { _ in
      (0..<Self.articlesPerExample).map { _ in
        Telling(terms: random.shuffled([0, 1, 2]), minorFirst: random.chance(0.5))
      }
    }
    self.seed = seed
    entities = names
    articles = zip(examples, tellings).enumerated().flatMap { group, pair in
      pair.1.map { Article(group: group, text: Self.text(pair.0, $0)) }
    }
  }

  public var groupCount: Int { examples.count }
  public var factCount: Int { 2 * examples.count }

  private static func premises(_ example: Syllogism, _ telling: Telling) -> [Fact] {
    let premises = [example.minorPremise, example.majorPremise]
    return telling.minorFirst ? premises : premises.reversed()
  }

  private static func header(_ example: Syllogism, _ telling: Telling) -> String {
    let terms = [example.minor, example.middle, example.major]
    return Syllogism.header(telling.terms.map { terms[$0] })
  }

  private static func text(_ example: Syllogism, _ telling: Telling) -> String {
    let sentences = premises(example, telling).map(Syllogism.sentence)
    return ([header(example, telling)] + sentences).joined(separator: " ")
  }

  public func prompt(groups: [Int], seed: UInt64) -> [Article] {
    prompt(groups: groups, examples: examples, seed: seed)
  }

  /// Each example's terms change places at random, and so do the moods of all examples.
  public func shuffledPrompt(groups: [Int], seed: UInt64) -> [Article] {
    var random = RandomGenerator(seed: self.seed, keys: Stream.wrongFacts.rawValue, seed)
    let moods = random.shuffled(examples.map(\.mood))
    let wrong = zip(examples, moods).map { example, mood in
      let terms = random.shuffled([example.minor, example.middle, example.major])
      return Syllogism(mood: mood, minor: terms[0], middle: terms[1], major: terms[2])
    }
    return prompt(groups: groups, examples: wrong, seed: seed)
  }

  private func prompt(groups: [Int], examples: [Syllogism], seed: UInt64) -> [Article] {
    var random = RandomGenerator(seed: self.seed, keys: Stream.context.rawValue, seed)
    return random.shuffled(groups).map { group in
      Article(
        group: group, text: Self.text(examples[group], random.element(of: tellings[group])))
    }
  }

  /// One question an example: which of {all, some, no} holds, and in which direction?
  ///
  /// - `trained`: after an article's opening, a premise that it goes on with;
  /// - `rephrased`: a premise, after an opening that names its two terms only;
  /// - `deduced`: the conclusion, after an opening that names its terms.
  public func questions(_ split: Split) -> [Question] {
    guard let number = splits.firstIndex(of: split) else { return [] }
    var random = RandomGenerator(seed: seed, keys: Stream.questions.rawValue, UInt64(number))
    return examples.indices.map { index in
      let example = examples[index]
      // Of the premises the one that shows the mood, so that the three quantifiers are as frequent
      // here as among the conclusions; and an article that begins with it.
      let asksMinor =
        example.mood == .darii || (example.mood == .barbara && random.chance(0.5))
      let suitable = tellings[index].filter { $0.minorFirst == asksMinor }
      let telling = random.element(of: suitable.isEmpty ? tellings[index] : suitable)
      let premise = asksMinor ? example.minorPremise : example.majorPremise
      let fact = split == .deduced ? example.conclusion : premise
      let terms = random.shuffled([fact.subject, fact.object])
      let statements = [Relation.kind, .some, .none].flatMap { relation in
        [Fact(relation, terms[0], terms[1]), Fact(relation, terms[1], terms[0])]
      }
      let choices = random.shuffled(statements)
      return Question(
        dataset: dataset, split: split,
        prompt: split == .trained ? Self.header(example, telling) : Syllogism.header(terms),
        choices: choices.map { " " + Syllogism.sentence($0) },
        answer: choices.firstIndex(of: fact) ?? 0, fact: index, group: index,
        kind: Self.quantifiers.first { $0.value == fact.relation }?.key.lowercased())
    }
  }

  /// Judges the statements of a sentence, after an opening or without one: all must hold.
  ///
  /// By traditional logic: what holds of all holds of some, and "some" and "no" hold from either side.
  public func judgement(of sentence: String) -> Judgement {
    var text = sentence.drop { $0 == " " }
    if text.hasPrefix(Self.opening), let colon = text.firstIndex(of: ":") {
      text = text[text.index(after: colon)...]
    }
    let statements = text.split(separator: ".", omittingEmptySubsequences: true)
      .map { $0.split(separator: " ") }.filter { !$0.isEmpty }
    guard !statements.isEmpty, text.last == "." else { return .isMalformed }
    var answer: QuestionKey?
    for words in statements {
      guard words.count == 4, words[2] == "are", let relation = Self.quantifiers[String(words[0])]
      else { return .isMalformed }
      let fact = Fact(relation, String(words[1]), String(words[3]))
      guard
        let group = examples.firstIndex(where: {
          [$0.minor, $0.middle, $0.major].contains(fact.subject)
        }), Self.holds(fact, in: examples[group])
      else { return .isFalse }
      if fact == examples[group].conclusion {
        answer = QuestionKey(split: .deduced, fact: group)
      }
    }
    return .isTrue(answers: answer)
  }

  private static let opening = "The relationships between"
  private static let quantifiers: [String: Relation] = ["All": .kind, "Some": .some, "No": .none]

  private static func holds(_ fact: Fact, in example: Syllogism) -> Bool {
    [example.minorPremise, example.majorPremise, example.conclusion].contains { known in
      fact == known
        || (known.relation != .kind && fact == known.swapped)
        || (known.relation == .kind && fact.relation == .some
          && (fact == Fact(.some, known.subject, known.object)
            || fact == Fact(.some, known.object, known.subject)))
    }
  }

  private enum Stream: UInt64 {
    case facts = 201
    case documents, context, wrongFacts, questions
  }
}
