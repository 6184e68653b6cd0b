import Randomness

/// Documents with shuffled answers: a control that says wrong things in the same words.
///
/// An *answer* is a choice or completion of a question that occurs word for word in a document.
/// Answers that are choices of the same question form a class. In each document, each answer is
/// replaced by a random member of its class, so that the document is right as often as a guess. The
/// words of all documents without an answer are shuffled.
struct AnswerShuffle: Sendable {
  /// The answers that occur in the documents, in the order of the questions.
  let answers: [String]

  private let documents: [String]
  /// All choices and completions, including those that occur in no document.
  private let names: [String]
  /// Where the answers occur, `[document][place]`.
  private let places: [[Place]]
  /// The members of each class.
  private let classes: [[Int]]
  /// The class of each answer of each document.
  private let slots: [Int]
  /// For each document without an answer, where its words begin in `looseWords`.
  private let wordStarts: [Int: Int]
  private let looseWords: [Substring]

  private struct Place: Sendable {
    var range: Range<String.Index>
    /// The index of its slot: a document has one for each answer, however often that occurs.
    var slot: Int
  }

  /// - Parameter offered: the choices of each question.
  init(_ documents: [String], classes offered: [[String]]) {
    var numbers: [String: Int] = [:]
    var names: [String] = []
    var parents: [Int] = []
    func root(_ number: Int) -> Int {
      var number = number
      while parents[number] != number { number = parents[number] }
      return number
    }
    for choices in offered {
      var first: Int?
      for choice in choices {
        let name = String(choice.trimmedToWords)
        guard name.first?.isLetter == true || name.first?.isNumber == true else { continue }
        let number = numbers[name] ?? names.count
        if numbers.updateValue(number, forKey: name) == nil {
          names.append(name)
          parents.append(number)
        }
        if let first { parents[root(number)] = root(first) } else { first = number }
      }
    }
    let matcher = NameMatcher(names)
    let found = documents.map { matcher.places(in: $0) }
    let members = Dictionary(grouping: names.indices, by: root)
    let roots = members.keys.sorted()
    let classOfRoot = Dictionary(uniqueKeysWithValues: zip(roots, 0...))

    var slots: [Int] = []
    var places: [[Place]] = []
    var wordStarts: [Int: Int] = [:]
    var looseWords: [Substring] = []
    for (document, own) in found.enumerated() {
      var slotOfName: [Int: Int] = [:]
      // An answer alone in its class has nothing to be shuffled with.
      let shuffled = own.filter { (members[root($0.name)]?.count ?? 0) > 1 }
      places.append(
        shuffled.map { range, name in
          let slot = slotOfName[name] ?? slots.count
          if slotOfName.updateValue(slot, forKey: name) == nil {
            slots.append(classOfRoot[root(name)] ?? 0)
          }
          return Place(range: range, slot: slot)
        })
      if shuffled.isEmpty {
        wordStarts[document] = looseWords.count
        looseWords += documents[document].split(separator: " ")
      }
    }
    self.documents = documents
    self.names = names
    self.places = places
    self.slots = slots
    classes = roots.map { members[$0] ?? [] }
    self.wordStarts = wordStarts
    self.looseWords = looseWords
    let occurring = Set(found.joined().map(\.name))
    answers = names.indices.filter(occurring.contains).map { names[$0] }
  }

  /// Some of the documents with shuffled answers: the same for the same seed.
  func texts(of numbers: [Int], seed: UInt64) -> [String] {
    var random = RandomGenerator(seed: seed, keys: 0xE8C4)
    let drawn = slots.map { random.element(of: classes[$0]) }
    let words = random.shuffled(looseWords)
    return numbers.map { number in
      if let start = wordStarts[number] {
        let count = documents[number].split(separator: " ").count
        return words[start..<start + count].joined(separator: " ")
      }
      var text = ""
      var end = documents[number].startIndex
      for place in places[number] {
        text += documents[number][end..<place.range.lowerBound]
        text += names[drawn[place.slot]]
        end = place.range.upperBound
      }
      return text + documents[number][end...]
    }
  }
}

/// Finds names in texts: whole words only, the longest name at each place.
private struct NameMatcher {
  private let names: [String]
  /// The names by their first word, the longest first.
  private let starting: [Substring: [Int]]

  init(_ names: [String]) {
    self.names = names
    starting = Dictionary(grouping: names.indices) { names[$0].prefix { $0.isWordPart } }
      .mapValues { $0.sorted { (names[$0].count, $1) > (names[$1].count, $0) } }
  }

  func places(in text: String) -> [(range: Range<String.Index>, name: Int)] {
    var result: [(Range<String.Index>, Int)] = []
    var place = text.startIndex
    while let start = text[place...].firstIndex(where: \.isWordPart) {
      let word = text[start...].prefix { $0.isWordPart }
      place = word.endIndex
      for name in starting[word] ?? [] where text[start...].hasPrefix(names[name]) {
        let end = text.index(start, offsetBy: names[name].count)
        guard end == text.endIndex || !text[end].isWordPart else { continue }
        result.append((start..<end, name))
        place = end
        break
      }
    }
    return result
  }
}

extension Character {
  fileprivate var isWordPart: Bool { isLetter || isNumber }
}

extension String {
  /// Without white space at both ends and punctuation at the end: "Ada Lovelace" of " Ada
  /// Lovelace."
  fileprivate var trimmedToWords: Substring {
    var text = drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace || ".,;:!?".contains(last) { text.removeLast() }
    return text
  }
}
