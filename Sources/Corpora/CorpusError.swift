/// Why a world cannot be made.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  case emptyWorld(units: String)
  case tooLarge(asked: Int, most: Int, units: String)
  case tooManyAttributes(asked: Int, most: Int)
  case nothingToChoose(split: String, prompt: String)

  public var description: String {
    switch self {
    case .emptyWorld(let units): "there are no \(units); at least one is needed"
    case .tooLarge(let asked, let most, let units):
      "\(asked) \(units) need more words than the lexicon has, which is enough for at most \(most)"
    case .tooManyAttributes(let asked, let most):
      "\(asked) attributes need more words than the lexicon has, which is enough for at most \(most)"
    case .nothingToChoose(let split, let prompt):
      "the question \"\(prompt)\" has no choices, and its split \"\(split)\" has no other "
        + "completion to choose from; give the question \"choices\", or add questions to the split"
    }
  }
}
