import Randomness

/// Questions drafted from documents: sentences of which a name, a number or a rare word is asked
/// for.
///
/// A question of the split `trained` is the beginning of a sentence, and its answer is how it goes
/// on; one of the split `reversed` gives the rest and asks for the beginning. Patterns find what is
/// asked for, and nothing here understands a text, so a user has to read the questions.
///
/// A question has one right choice as far as words can tell. Its prompt holds a *key*, a word of
/// few documents. What is asked for stands in documents with that key only, or the key in documents
/// with the answer only; and no wrong choice stands in a document with either.
public struct QuestionDraft: Sendable {
  public struct Settings: Sendable {
    /// The most questions of each split from one document.
    public var perDocument = 2
    /// The number of choices of each question.
    public var choices = 4
    /// Of the wrong choices and of the place of the right one.
    public var seed: UInt64 = 1

    public init() {}
  }

  public private(set) var questions: [DraftedQuestion] = []
  /// The number of questions that were left out, since the other documents hold too few phrases
  /// like the right one, by what they ask for: "names".
  public let lacking: [(kind: String, count: Int)]
  public let documentCount: Int

  /// The number of documents without a question.
  public var documentsWithout: Int { documentCount - Set(questions.map(\.document)).count }

  public init(_ documents: [UserDocument], _ settings: Settings = Settings()) {
    documentCount = documents.count
    let texts = documents.map(\.text)
    let sentences = texts.map { PlainSentences.sentences(of: $0).map(SentenceWords.init) }
    let use = WordUse(texts, sentences)
    let finder = PhraseFinder(use: use)
    let analysed = sentences.map { sentences in
      sentences.map { AnalysedSentence($0, finder) }
    }
    var choices = WrongChoices(
      analysed.joined().flatMap { $0.phrases + [$0.subject?.phrase].compactMap { $0 } }, use,
      count: settings.choices - 1, seed: settings.seed)
    var asked: Set<String> = []
    var lacking: [AskedPhrase.Kind: Int] = [:]
    for (document, sentences) in analysed.enumerated() {
      for split in [Split.trained, .reversed] {
        var candidates = sentences.enumerated().flatMap { place, sentence in
          sentence.wordings(split).compactMap { Candidate($0, sentence, place, document, use) }
        }
        candidates.sort { $0.rank.lexicographicallyPrecedes($1.rank) }
        var drafted: [Candidate] = []
        for candidate in candidates where drafted.count < settings.perDocument {
          let names = candidate.names.map { split.rawValue + "\n" + $0 }
          guard
            !drafted.contains(where: {
              $0.sentence == candidate.sentence || $0.wording.answer == candidate.wording.answer
            }), asked.isDisjoint(with: names)
          else { continue }
          guard let (texts, answer) = choices.shuffled(candidate) else {
            lacking[candidate.wording.phrase.kind, default: 0] += 1
            continue
          }
          asked.formUnion(names)
          drafted.append(candidate)
          questions.append(
            DraftedQuestion(
              prompt: candidate.wording.prompt, choices: texts, answer: answer, split: split,
              fact: candidate.fact, document: document))
        }
      }
    }
    self.lacking = AskedPhrase.Kind.allCases.compactMap { kind in
      lacking[kind].map { (kind.plural, $0) }
    }
  }
}

/// A sentence and what may be asked of it.
private struct AnalysedSentence {
  let sentence: SentenceWords
  let phrases: [AskedPhrase]
  let subject: (phrase: AskedPhrase, wording: QuestionWording)?

  /// Longer sentences are lists or worse.
  private static let mostWords = 60

  init(_ sentence: SentenceWords, _ finder: PhraseFinder) {
    self.sentence = sentence
    phrases = sentence.words.count <= Self.mostWords ? finder.phrases(of: sentence) : []
    subject = QuestionWording.subject(of: sentence, phrases)
  }

  func wordings(_ split: Split) -> [QuestionWording] {
    // "It moved to Ghent" asks about nothing by itself.
    if let first = sentence.lowercased.first, CommonWords.backward.contains(first) { return [] }
    return split == .trained
      ? phrases.compactMap { QuestionWording.forward($0, in: sentence) }
      : phrases.prefix(1).compactMap { QuestionWording.reversed($0, in: sentence) }
        + [subject?.wording].compactMap { $0 }
  }
}

/// A question that could be asked, before it has wrong choices.
struct Candidate {
  let wording: QuestionWording
  /// The place of its sentence in the document.
  let sentence: Int
  /// The documents with the key or the answer.
  let documents: Set<Int>
  let fact: String
  /// What it asks: no other question may have one of these.
  let names: [String]
  /// The best comes first.
  let rank: [Int]

  /// Nil where the prompt is tied to no document, or the answer to others.
  fileprivate init?(
    _ wording: QuestionWording, _ analysed: AnalysedSentence, _ place: Int, _ document: Int,
    _ use: WordUse
  ) {
    let sentence = analysed.sentence
    let given = wording.given.joined().map { sentence.lowercased[$0] }
    let answered = Set(wording.phrase.words.map { sentence.lowercased[$0] })
    // A prompt that holds its answer asks nothing.
    let content = answered.filter { !CommonWords.function.contains($0) }
    guard !content.isEmpty, !content.isSubset(of: given) else { return nil }
    guard
      let key = given.filter(use.isKey).min(by: {
        use.documents($0).count < use.documents($1).count
      })
    else { return nil }
    let (withKey, withAnswer) = (
      use.documents(key), use.documents(ofPhrase: wording.phrase.text).union([document])
    )
    let isSubject = wording.phrase.kind == .subject
    guard isSubject || withAnswer.count <= use.rareLimit,
      withAnswer.isSubset(of: withKey) || withKey.isSubset(of: withAnswer)
    else { return nil }
    self.wording = wording
    self.sentence = place
    documents = isSubject ? withKey : withKey.union(withAnswer)
    // "Guests of the Corner Table": what few documents are about.
    fact =
      analysed.phrases.first {
        $0.kind == .name
          && (1...use.rareLimit).contains(use.documents(ofPhrase: $0.text).count)
      }?.text ?? analysed.phrases.first?.text ?? key
    names = [wording.prompt, wording.answer.lowercased() + "\n" + key]
    rank = [
      wording.phrase.kind.rawValue, withAnswer.count > 1 ? 1 : 0, place,
      -wording.phrase.words.lowerBound,
    ]
  }
}
