import Randomness

/// A world of syllogisms with three terms each: the two premises are stated, the conclusion is
/// asked for.
///
/// After the *simple syllogisms* of Lampinen et al. 2025, arXiv 2505.00661: six statements, {all,
/// some, no} in both directions, are scored. The moods are equally frequent, and so are the orders
/// of terms: a guess, even one that knows the form, is right once in six times. "Some" and "No"
/// hold in both directions; only the conclusion in its traditional form, the minor term first,
/// counts.
public struct SyllogismWorld: World {
  public let dataset = Dataset.syllogism.name
  public let splits: [Split] = [.trained, .rephrased, .deduced]
  public let seed: UInt64
  public let examples: [Syllogism]
  public let articles: [Article]
  public let entities: [String]

  /// The order in which an article states an example.
  private struct Arrangement: Sendable {
    /// The terms in the order of the header: 0 is the minor term, 1 the middle, 2 the major.
    var terms: [Int]
    var minorFirst: Bool
  }
  private let arrangements: [[Arrangement]]

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
    arrangements = examples.map { _ in
      (0..<Self.articlesPerExample).map { _ in
        Arrangement(terms: random.shuffled([0, 1, 2]), minorFirst: random.chance(0.5))
      }
    }
    self.seed = seed
    entities = names
    articles = zip(examples, arrangements).enumerated().flatMap { group, pair in
      pair.1.map { Article(group: group, text: Self.text(pair.0, $0)) }
    }
  }

  public var groupCount: Int { examples.count }
  public var factCount: Int { 2 * examples.count }

  private static func premises(_ example: Syllogism, _ arrangement: Arrangement) -> [Fact] {
    let premises = [example.minorPremise, example.majorPremise]
    return arrangement.minorFirst ? premises : premises.reversed()
  }

  private static func header(_ example: Syllogism, _ arrangement: Arrangement) -> String {
    let terms = [example.minor, example.middle, example.major]
    return Syllogism.header(arrangement.terms.map { terms[$0] })
  }

  private static func text(_ example: Syllogism, _ arrangement: Arrangement) -> String {
    let sentences = premises(example, arrangement).map(Syllogism.sentence)
    return ([header(example, arrangement)] + sentences).joined(separator: " ")
  }

  public func prompt(groups: [Int], seed: UInt64) -> [Article] {
    prompt(groups: groups, examples: examples, seed: seed)
  }

  /// The terms of each example are shuffled, and so are the moods of all examples.
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
        group: group, text: Self.text(examples[group], random.element(of: arrangements[group])))
    }
  }

  /// One question for each example: which of {all, some, no} holds, and in which direction?
  ///
  /// - `trained`: an article's header, and the premise that follows it there;
  /// - `rephrased`: a header with the two terms of a premise, and that premise;
  /// - `deduced`: a header with the two terms of the conclusion, and the conclusion.
  public func questions(_ split: Split) -> [Question] {
    guard let number = splits.firstIndex(of: split) else { return [] }
    var random = RandomGenerator(seed: seed, keys: Stream.questions.rawValue, UInt64(number))
    return examples.indices.map { index in
      let example = examples[index]
      // The premise that shows the mood, so that the three quantifiers are as frequent here as
      // among the conclusions; and an article that begins with it.
      let asksMinor =
        example.mood == .darii || (example.mood == .barbara && random.chance(0.5))
      let suitable = arrangements[index].filter { $0.minorFirst == asksMinor }
      let arrangement = random.element(of: suitable.isEmpty ? arrangements[index] : suitable)
      let premise = asksMinor ? example.minorPremise : example.majorPremise
      let fact = split == .deduced ? example.conclusion : premise
      let terms = random.shuffled([fact.subject, fact.object])
      let statements = [Relation.kind, .some, .none].flatMap { relation in
        [Fact(relation, terms[0], terms[1]), Fact(relation, terms[1], terms[0])]
      }
      let choices = random.shuffled(statements)
      return Question(
        dataset: dataset, split: split,
        prompt: split == .trained ? Self.header(example, arrangement) : Syllogism.header(terms),
        choices: choices.map { " " + Syllogism.sentence($0) },
        answer: choices.firstIndex(of: fact) ?? 0, fact: index, group: index,
        kind: Self.quantifiers.first { $0.value == fact.relation }?.key.lowercased())
    }
  }

  /// Judges the statements of a text, with a header or without: all must hold.
  ///
  /// In traditional logic what holds of all holds of some, and "some" and "no" hold in both
  /// directions.
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
