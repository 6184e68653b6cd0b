extension Arm {
  /// Fine-tuned on each document forwards and with its words backwards, names kept whole (Golovneva
  /// et al. 2024, *Reverse Training to Nurse the Reversal Curse*, arXiv 2403.13799).
  public static let reverseTraining = Arm(
    name: "reverse-training", summary: "facts in the weights, also word by word backwards",
    facts: .weights
  ) { work in
    let trial = work.trial
    let reversal = WordReversal(names: trial.world.entities)
    return try work.fineTuned(
      on: trial.lessons + [Lesson](trial.lessons.map { reversal.reversed($0.text) }))
  }
}

/// Reverses the order of a text's words and leaves names of several words unchanged.
struct WordReversal {
  private let names: Set<[Substring]>
  private let maxNameLength: Int

  init(names: [String]) {
    self.names = Set(names.map { $0.split(separator: " ") })
    maxNameLength = self.names.map(\.count).max() ?? 1
  }

  /// "femp glon is the author of yomp." becomes ". yomp of author the is femp glon".
  func reversed(_ text: String) -> String {
    var chunks: [String] = []
    var words = Self.words(text)[...]
    while !words.isEmpty {
      let count =
        (1...max(1, min(maxNameLength, words.count))).reversed()
        .first { names.contains(Array(words.prefix($0))) } ?? 1
      chunks.append(words.prefix(count).joined(separator: " "))
      words = words.dropFirst(count)
    }
    return chunks.reversed().joined(separator: " ")
  }

  /// Words, with each punctuation mark as a separate word.
  private static func words(_ text: String) -> [Substring] {
    text.split(separator: " ").flatMap { word -> [Substring] in
      let marks = word.dropFirst().reversed().prefix { !$0.isLetter && !$0.isNumber }.count
      return [word.dropLast(marks)] + word.suffix(marks).indices.map { word[$0...$0] }
    }
  }
}
