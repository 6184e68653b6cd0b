import Randomness

/// Draws wrong choices: phrases like the right one, from documents that do not hold it.
///
/// Names that follow the same words as the right one come first: what stands after "led by" is a
/// person, what stands after "the" seldom is.
struct WrongChoices {
  private let phrases: [AskedPhrase.Kind: [AskedPhrase.Shape: [Phrase]]]
  /// The words before each phrase, by its text in small letters.
  private let before: [String: Set<String>]
  private let count: Int
  private var random: RandomGenerator

  private struct Phrase {
    let phrase: AskedPhrase
    let documents: Set<Int>
    /// The words before it, wherever it stands.
    let before: Set<String>
  }

  /// - Parameters:
  ///   - phrases: all that may be asked for in any document.
  ///   - count: the wrong choices of a question.
  init(_ phrases: [AskedPhrase], _ use: WordUse, count: Int, seed: UInt64) {
    var before: [String: Set<String>] = [:]
    for phrase in phrases { before[phrase.text.lowercased(), default: []].insert(phrase.before) }
    self.before = before
    var found: [AskedPhrase.Kind: [AskedPhrase.Shape: [Phrase]]] = [:]
    var seen: Set<String> = []
    for phrase in phrases where seen.insert(phrase.text.lowercased()).inserted {
      found[phrase.kind, default: [:]][phrase.shape, default: []].append(
        Phrase(
          phrase: phrase, documents: use.documents(ofPhrase: phrase.text),
          before: before[phrase.text.lowercased()] ?? []))
    }
    self.phrases = found
    self.count = count
    random = RandomGenerator(seed: seed, keys: 0xD4AF)
  }

  /// The choices of a question in random order, and the place of the right one; nil where there are
  /// too few.
  mutating func shuffled(_ candidate: Candidate) -> (choices: [String], answer: Int)? {
    let right = candidate.wording.answer
    var choices = [right]
    for pool in pools(like: candidate.wording.phrase) {
      while choices.count <= count, !pool.isEmpty {
        let start = random.integer(below: pool.count)
        let found = (0..<pool.count).lazy.map { pool[(start + $0) % pool.count] }
          .first { isWrong($0, candidate, beside: choices) }
        guard let found else { break }
        choices.append(candidate.wording.choice(found.phrase))
      }
    }
    guard choices.count > count else { return nil }
    let order = random.shuffled(Array(choices.indices))
    return (order.map { choices[$0] }, order.firstIndex(of: 0) ?? 0)
  }

  /// The phrases of a kind, the most alike first.
  private func pools(like phrase: AskedPhrase) -> [[Phrase]] {
    let all = shapes(like: phrase).map { phrases[phrase.kind]?[$0] ?? [] }
    guard phrase.kind == .name else { return all }
    let before = before[phrase.text.lowercased()] ?? []
    return all.map { $0.filter { !$0.before.isDisjoint(with: before) } }
      + all.map { $0.filter { $0.before.isDisjoint(with: before) } }
  }

  /// The shape of a phrase, and then those that are nearly the same.
  private func shapes(like phrase: AskedPhrase) -> [AskedPhrase.Shape] {
    let others = (phrases[phrase.kind] ?? [:]).keys.filter {
      guard $0 != phrase.shape else { return false }
      switch phrase.kind {
      case .name, .term: return abs($0.size - phrase.shape.size) <= 1
      case .number: return $0.group == phrase.shape.group
      case .subject: return true
      }
    }
    func distance(_ shape: AskedPhrase.Shape) -> (Int, Int, String) {
      (
        shape.group == phrase.shape.group ? 0 : 1, abs(shape.size - phrase.shape.size),
        "\(shape.group) \(shape.size)"
      )
    }
    return [phrase.shape] + others.sorted { distance($0) < distance($1) }
  }

  private func isWrong(
    _ phrase: Phrase, _ candidate: Candidate, beside choices: [String]
  ) -> Bool {
    guard phrase.documents.isDisjoint(with: candidate.documents) else { return false }
    let text = candidate.wording.choice(phrase.phrase)
    if let article = candidate.wording.prompt.split(separator: " ").last,
      ["a", "an"].contains(article), text.beginsWithVowel != choices[0].beginsWithVowel
    {
      return false
    }
    let joining = Joining(candidate.wording.prompt)
    let continuation = joining.continuation(text).lowercased()
    return choices.allSatisfy {
      let other = joining.continuation($0).lowercased()
      return !other.hasPrefix(continuation) && !continuation.hasPrefix(other)
    }
  }
}

extension String {
  fileprivate var beginsWithVowel: Bool { first.map { "aeiouAEIOU8".contains($0) } ?? false }
}
