import Tokenization
import Training
import Transformer

/// A text to be learned.
struct Lesson: Sendable {
  var text: String
  /// Its weight in the loss.
  var weight: Float = 1
  /// The soft targets that replace the text's own tokens, for each token of the row but the last.
  var distributions: TargetDistributions?

  /// The weight of a sentence that was sampled `samples` times: the square root of that number.
  /// With the number itself, a few sentences would dominate each step; see docs/recipe.md.
  static func weight(samples: Int) -> Float { Float(samples).squareRoot() }

  /// The tokens of the text as a separate document, cut where the model's context ends.
  func tokens(_ tokenizer: Tokenizer, contextLength: Int) -> [Int32] {
    Array(
      EncodedDocument(completion: text, tokenizer, frame: .statement).tokens.prefix(contextLength))
  }

  func tokens(_ trial: Trial) -> [Int32] {
    tokens(trial.tokenizer, contextLength: trial.model.configuration.contextLength)
  }
}

extension [Lesson] {
  init(_ texts: [String]) { self = texts.map { Lesson(text: $0) } }

  init(_ generated: GeneratedSentences) {
    self = generated.sentences.map {
      Lesson(text: $0.text, weight: Lesson.weight(samples: $0.count))
    }
  }
}

/// One row of a training batch: tokens, and the weight of predicting each.
struct TrainingRow: Sendable {
  let tokens: [Int32]
  /// For each token but the first.
  let weights: [Float]
  /// The soft targets for each token but the first; nil where the tokens themselves are the
  /// targets.
  var distributions: TargetDistributions?

  init(tokens: [Int32], weights: [Float]) {
    precondition(weights.count == max(0, tokens.count - 1))
    self.tokens = tokens
    self.weights = weights
  }

  init(_ lesson: Lesson, _ tokenizer: Tokenizer, contextLength: Int) {
    let tokens = lesson.tokens(tokenizer, contextLength: contextLength)
    self.init(
      tokens: tokens, weights: Array(repeating: lesson.weight, count: max(0, tokens.count - 1)))
    distributions = lesson.distributions
  }
}

extension Batch {
  init(_ rows: [TrainingRow]) {
    let rows = rows.filter { $0.tokens.count > 1 }
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
      rowLengths: rows.map { $0.tokens.count - 1 }, tokens: rows.flatMap { $0.tokens.dropLast() },
      targets: rows.flatMap { $0.tokens.dropFirst() }, weights: rows.flatMap(\.weights),
      distributions: distributions)
  }
}
