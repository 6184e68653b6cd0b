import OrderedCollections

/// The sentences that a model generated for its own training, and their cost.
struct GeneratedSentences: Sendable {
  /// A sentence, and how often it was sampled.
  struct Sentence: Sendable, Equatable {
    var text: String
    var count: Int
    /// The group of the document after which it was sampled first.
    var group: Int
  }

  private var byText: OrderedDictionary<String, Sentence> = [:]
  /// The number of samples, including those that did not end within the limit.
  private(set) var samples = 0
  /// The cost of generating them; its `tokensWritten` are those of all samples.
  var cost = PreparationCost()

  /// Each sentence once, in the order of first appearance.
  var sentences: [Sentence] { Array(byText.values) }

  /// Adds samples of a text.
  ///
  /// - Parameter texts: its sentences; none where it did not end within the limit.
  mutating func add(_ texts: [String], count: Int, tokens: Int, group: Int) {
    samples += count * max(1, texts.count)
    cost.tokensWritten += count * tokens
    for text in texts {
      byText[text, default: Sentence(text: text, count: 0, group: group)].count += count
    }
  }

  static func + (a: GeneratedSentences, b: GeneratedSentences) -> GeneratedSentences {
    var sum = a
    for sentence in b.sentences {
      sum.byText[
        sentence.text, default: Sentence(text: sentence.text, count: 0, group: sentence.group)
      ].count += sentence.count
    }
    sum.samples += b.samples
    sum.cost += b.cost
    return sum
  }
}
