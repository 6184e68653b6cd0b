import Corpora
import Foundation

extension Arm {
  /// Only the documents that are nearest to the question are in the prompt.
  public static let retrieval = Arm(
    name: "retrieval", summary: "the five nearest documents in the prompt"
  ) { bench in
    let index = RankedIndex(bench.documents)
    let nearest = Dictionary(
      bench.questions.map { ($0.prompt, index.nearest(to: $0.prompt, count: 5)) },
      uniquingKeysWith: { first, _ in first })
    var prepared = Prepared(model: bench.model)
    prepared.prompt = { nearest[$0.prompt] ?? [] }
    return prepared
  }
}

/// Documents ranked by the words they share with a query: Okapi BM25 (Robertson & Zaragoza 2009, *The
/// Probabilistic Relevance Framework*), k₁ = 1.2 and b = 0.75.
struct RankedIndex {
  private let documents: [String]
  private let lengths: [Double]
  /// For each word the documents it stands in, and how often.
  private var postings: [Substring: [(document: Int, count: Double)]] = [:]

  init(_ documents: [String]) {
    self.documents = documents
    var lengths: [Double] = []
    for (number, document) in documents.enumerated() {
      let words = Self.words(document)
      lengths.append(Double(words.count))
      var counts: [Substring: Double] = [:]
      for word in words { counts[word, default: 0] += 1 }
      for (word, count) in counts { postings[word, default: []].append((number, count)) }
    }
    self.lengths = lengths
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !$0.isLetter }
  }

  /// The documents with the highest scores, the best last, next to the question; none that shares no
  /// word.
  func nearest(to query: String, count: Int) -> [String] {
    let mean = lengths.reduce(0, +) / Double(max(1, lengths.count))
    var scores: [Int: Double] = [:]
    for word in Set(Self.words(query)).sorted() {
      guard let found = postings[word] else { continue }
      let total = Double(documents.count)
      let holding = Double(found.count)
      let weight = log(1 + (total - holding + 0.5) / (holding + 0.5))
      for (document, count) in found {
        let length = 0.25 + 0.75 * lengths[document] / mean
        scores[document, default: 0] += weight * count * 2.2 / (count + 1.2 * length)
      }
    }
    return scores.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(count).reversed()
      .map { documents[$0.key] }
  }
}
