/// Why a world or a stream of documents cannot be made.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  case emptyWorld(facts: Int, attributes: Int)
  case tooManyFacts(asked: Int, most: Int, attributes: Int)
  case tooManyAttributes(asked: Int, most: Int)

  public var description: String {
    switch self {
    case .emptyWorld(let facts, let attributes):
      "a world needs at least one fact and one attribute, not \(facts) and \(attributes)"
    case .tooManyFacts(let asked, let most, let attributes):
      "\(asked) facts need more words than the lexicon has; with \(attributes) attributes "
        + "it has words for at most \(most) facts"
    case .tooManyAttributes(let asked, let most):
      "\(asked) attributes are more than the lexicon has words for; the most is \(most)"
    }
  }
}
