import Foundation

/// Documents ranked by the words they share with a query: Okapi BM25 with k₁ = 1.2 and b = 0.75
/// (Robertson & Zaragoza 2009, *The Probabilistic Relevance Framework*).
public struct RankedIndex: Sendable {
  private let documents: [String]
  private let foldsCase: Bool
  private let lengths: [Double]
  /// For each word, the documents that contain it, and how often.
  private var postings: [Substring: [(document: Int, count: Double)]] = [:]

  /// - Parameter foldsCase: whether "Data" and "data" are one word.
  public init(_ documents: [String], foldsCase: Bool = false) {
    self.documents = documents
    self.foldsCase = foldsCase
    var lengths: [Double] = []
    for (number, document) in documents.enumerated() {
      let words = Self.words(document, foldsCase: foldsCase)
      lengths.append(Double(words.count))
      var counts: [Substring: Double] = [:]
      for word in words { counts[word, default: 0] += 1 }
      for (word, count) in counts { postings[word, default: []].append((number, count)) }
    }
    self.lengths = lengths
  }

  private static func words(_ text: String, foldsCase: Bool) -> [Substring] {
    (foldsCase ? text.lowercased() : text).split { !$0.isLetter && !$0.isNumber }
  }

  /// The documents with the highest scores, the best one last; only those that share a word with
  /// the query.
  public func nearest(to query: String, count: Int) -> [String] {
    numbers(nearestTo: query, count: count).map { documents[$0] }
  }

  /// The numbers of those documents.
  public func numbers(nearestTo query: String, count: Int) -> [Int] {
    let mean = lengths.reduce(0, +) / Double(max(1, lengths.count))
    var scores: [Int: Double] = [:]
    for word in Set(Self.words(query, foldsCase: foldsCase)).sorted() {
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
      .map(\.key)
  }
}
