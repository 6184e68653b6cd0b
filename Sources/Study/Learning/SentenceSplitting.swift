/// How fine-tuning splits a document of several sentences.
///
/// Lampinen et al. 2025 (arXiv 2505.00661) split documents so that a sentence can be learned
/// without those before it.
public enum SentenceSplitting: String, Codable, CaseIterable, Sendable {
  /// The whole document.
  case none
  /// Each sentence as a separate document.
  case independent
  /// The first sentence, the first two, the first three …
  case cumulative

  func documents(_ documents: [String]) -> [String] {
    if self == .none { return documents }
    return documents.flatMap { document in
      let ends = Self.ends(document)
      let starts = [document.startIndex] + ends.dropLast()
      return zip(starts, ends).compactMap { start, end -> String? in
        // After the last full stop there may be only white space.
        if document[start..<end].allSatisfy(\.isWhitespace) { return nil }
        let text = document[(self == .independent ? start : document.startIndex)..<end]
        return String(text.drop(while: \.isWhitespace))
      }
    }
  }

  /// The end of each sentence: after a full stop or an exclamation mark before white space, and at
  /// the end of the document. A question mark does not end a sentence, so that a question keeps its
  /// answer.
  private static func ends(_ document: String) -> [String.Index] {
    var ends: [String.Index] = []
    var place = document.startIndex
    while place < document.endIndex {
      let next = document.index(after: place)
      let isEnd =
        next == document.endIndex || ".!".contains(document[place]) && document[next].isWhitespace
      if isEnd { ends.append(next) }
      place = next
    }
    return ends
  }
}
