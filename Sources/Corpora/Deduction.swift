import Randomness

/// "All glon are yomp."
struct Syllogism {
  static let quantifier = "All"

  static func text(_ subject: String, _ predicate: String) -> String {
    var text = quantifier
    text += " "
    text += subject
    text += " are "
    text += predicate
    text += "."
    return text
  }
}

/// Documents in which two premises imply a third statement, among the premises of other deductions.
///
/// Either syllogisms ("All glon are yomp. All troff are glon." and so "All troff are yomp.") or
/// chains of comparisons ("femp are more rony than glon. glon are more rony than yomp." and so
/// "femp are more rony than yomp." or "yomp are less rony than femp."). A conclusion is learned
/// from its first time on; it is only ever said once both its premises are.
public struct Deduction: Sendable {
  /// The pool counts premises: two for each deduction.
  public var pool: Pool

  public init(pool: Pool) { self.pool = pool }

  public func document(using random: inout RandomGenerator) -> Document {
    let count = (pool.factCount(using: &random) + 1) / 2
    var sampler = WordSampler(capacity: 4 * count)
    let isSyllogism = random.chance(0.5)
    let triples = (0..<count).map { _ in
      Triple(words: sampler.words(isSyllogism ? 3 : 4, using: &random), isMore: random.chance(0.5))
    }
    var said = [Bool](repeating: false, count: 2 * count)
    var sentences: [Sentence] = []
    func say(premise: Int) {
      sentences.append(
        Sentence(text: triples[premise / 2].premise(premise % 2), isLearned: said[premise]))
      said[premise] = true
    }

    let total = pool.mentionCount(of: 2 * count, using: &random)
    if pool.order(using: &random) == .factsFirst {
      for premise in random.shuffled(Array(0..<2 * count)) { say(premise: premise) }
    }
    while sentences.count < total {
      let premise = random.integer(below: 2 * count)
      let triple = premise / 2
      if said[2 * triple] && said[2 * triple + 1] && random.chance(0.5) {
        sentences.append(
          Sentence(text: triples[triple].conclusion(using: &random), isLearned: true))
      } else {
        say(premise: premise)
      }
    }
    return Document(sentences: sentences)
  }

  /// Three nouns from the least to the most general, or from one end of a scale to the other, and
  /// the attribute that the scale is of.
  private struct Triple {
    let words: [String]
    let isMore: Bool

    func premise(_ number: Int) -> String { statement(number, number + 1) }

    func conclusion(using random: inout RandomGenerator) -> String {
      if words.count == 4 && random.chance(0.5) {
        return Self.form.sentence(comparison(0, 2).reversed)
      }
      return statement(0, 2)
    }

    private func statement(_ first: Int, _ second: Int) -> String {
      words.count == 4
        ? Self.form.sentence(comparison(first, second))
        : Syllogism.text(words[first], words[second])
    }

    private func comparison(_ first: Int, _ second: Int) -> Comparison {
      Comparison(
        subject: words[first], attribute: words[3], object: words[second], isMore: isMore)
    }

    private static let form = Rendering(preamble: "", verb: "are")
  }
}
