import Randomness

extension ReversalWorld {
  /// The splits that this world has questions for.
  public static let splits: [Split] = [.trained, .rephrased, .reversed]

  /// One question a fact: is it "more" or "less"?
  ///
  /// - `trained`: an article of the documents, word for word;
  /// - `rephrased`: a preamble and a verb phrase that no document uses;
  /// - `reversed`: the fact from the other side, in a form that the documents use;
  /// - other splits: none.
  public func questions(_ split: Split) -> [Question] {
    guard let number = Self.splits.firstIndex(of: split) else { return [] }
    var random = RandomGenerator(seed: seed, keys: Stream.questions.rawValue, UInt64(number))
    return facts.indices.map { fact in
      let rendering =
        split == .rephrased
        ? Rendering(
          preamble: random.element(of: keptPreambles), verb: random.element(of: keptVerbs))
        : random.element(of: renderings[fact])
      let statement = split == .reversed ? facts[fact].reversed : facts[fact]
      let answer = random.integer(below: 2)
      let right = SentenceForms.completion(statement)
      let wrong = SentenceForms.completion(statement.contradicted)
      return Question(
        dataset: Self.dataset, split: split, prompt: rendering.prompt(statement),
        choices: answer == 0 ? [right, wrong] : [wrong, right], answer: answer, fact: fact)
    }
  }

  /// What a sentence is worth in this world.
  public enum Judgement: Hashable, Sendable {
    /// A fact of the world, told from the side of the documents or from the other.
    case `true`(fact: Int, side: Side)
    /// A comparison that the world's facts do not make.
    case `false`
    /// Not a comparison in any known form.
    case malformed
  }

  /// From which side a fact is told.
  public enum Side: Hashable, Sendable {
    case restated
    case reversed
  }

  /// Whether a sentence, such as one that a model wrote, is true in this world.
  ///
  /// A well-formed comparison that no fact implies is false, also where it is about words that the
  /// world does not have.
  public func judge(_ sentence: String) -> Judgement {
    guard let statement = SentenceForms.parse(sentence) else { return .malformed }
    guard let fact = factOfNoun[statement.subject] else { return .false }
    if statement == facts[fact] { return .true(fact: fact, side: .restated) }
    if statement == facts[fact].reversed { return .true(fact: fact, side: .reversed) }
    return .false
  }
}
