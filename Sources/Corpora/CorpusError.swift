/// Why a world cannot be made.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  case emptyWorld(unit: String)
  case tooLarge(asked: Int, most: Int, unit: String)
  case tooManyAttributes(asked: Int, most: Int)
  case nothingToChoose(split: String, prompt: String)

  public var description: String {
    switch self {
    case .emptyWorld(let unit): "a world needs one or more \(unit)"
    case .tooLarge(let asked, let most, let unit):
      "\(asked) \(unit) need more words than the lexicon has; there are words for at most \(most)"
    case .tooManyAttributes(let asked, let most):
      "\(asked) attributes are more than the lexicon has words for; the most is \(most)"
    case .nothingToChoose(let split, let prompt):
      "the question \"\(prompt)\" has no choices, and no other completion in its split \"\(split)\" is "
        + "there to choose among; give it \"choices\", or add questions"
    }
  }
}
