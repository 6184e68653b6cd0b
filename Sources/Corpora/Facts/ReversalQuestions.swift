import Randomness

extension ReversalWorld {
  /// One question for each fact: is it "more" or "less"?
  ///
  /// - `trained`: an article of the documents, word for word;
  /// - `rephrased`: a preamble and a verb phrase that no document uses;
  /// - `reversed`: the fact from the other side, in a form that the documents use;
  /// - other splits: none.
  public func questions(_ split: Split) -> [Question] {
    guard let number = splits.firstIndex(of: split) else { return [] }
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
        dataset: dataset, split: split, prompt: rendering.prompt(statement),
        choices: answer == 0 ? [right, wrong] : [wrong, right], answer: answer,
        fact: fact, group: group(of: fact))
    }
  }

  /// Whether a sentence, such as one that a model generated, is true in this world.
  ///
  /// A well-formed comparison that no fact implies is false, even if it is about words that the
  /// world does not have.
  public func judgement(of sentence: String) -> Judgement {
    guard let statement = SentenceForms.parse(sentence) else { return .isMalformed }
    guard let fact = factOfNoun[statement.subject] else { return .isFalse }
    if statement == facts[fact] { return .isTrue(answers: nil) }
    if statement == facts[fact].reversed {
      return .isTrue(answers: QuestionKey(split: .reversed, fact: fact))
    }
    return .isFalse
  }
}
