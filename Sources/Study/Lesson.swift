import Tokenization
import Transformer

/// A text to be learned.
struct Lesson: Sendable {
  var text: String
  /// How often it counts.
  var weight: Float = 1
  /// What is to be predicted instead of the text's own tokens: for each token of the row but the last.
  var distributions: TargetDistributions?

  /// The tokens of the text as a document of its own.
  static func tokens(_ text: String, _ bench: Bench) -> [Int32] {
    Array(bench.tokenizer.prompt([text]).prefix(bench.model.configuration.contextLength))
  }
}

extension [Lesson] {
  init(_ texts: [String]) { self = texts.map { Lesson(text: $0) } }

  init(_ generated: GeneratedSentences) {
    self = generated.sentences.map { Lesson(text: $0.text, weight: Float($0.count)) }
  }
}

/// A lesson's tokens.
struct TrainingRow: Sendable {
  let tokens: [Int32]
  let weight: Float
  let distributions: TargetDistributions?

  init(_ lesson: Lesson, _ bench: Bench) {
    tokens = Lesson.tokens(lesson.text, bench)
    weight = lesson.weight
    distributions = lesson.distributions
  }
}

extension Batch {
  /// One text a row.
  init(_ rows: [TrainingRow]) {
    let rows = rows.filter { $0.tokens.count > 1 }
    let tokens = rows.flatMap { $0.tokens.dropLast() }
    var distributions = rows.lazy.compactMap(\.distributions).first.map {
      TargetDistributions(width: $0.width)
    }
    if distributions != nil {
      for row in rows {
        if let own = row.distributions {
          distributions?.append(own)
        } else {
          for token in row.tokens.dropFirst() { distributions?.append([(token, Float(1))]) }
        }
      }
    }
    self.init(
      rowLengths: rows.map { $0.tokens.count - 1 }, tokens: tokens,
      targets: rows.flatMap { $0.tokens.dropFirst() },
      weights: rows.flatMap { row in repeatElement(row.weight, count: row.tokens.count - 1) },
      distributions: distributions)
  }
}
