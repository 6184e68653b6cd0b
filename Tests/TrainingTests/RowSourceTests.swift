import Corpora
import Testing
import Tokenization
import Transformer

@testable import Training

@Suite struct RowSourceTests {
  private static let mixture = Mixture(
    [
      .shortFacts: 1, .comparisons: 1, .syllogisms: 1, .hierarchies: 1, .families: 1,
      .identities: 1, .copying: 1,
    ], plain: 0.5, facts: 1...4)
  private let source: RowSource

  init() throws {
    var documents = DocumentStream(seed: 3, row: 0, mixture: Self.mixture)
    let tokenizer = try Tokenizer.train(
      on: (0..<50).map { _ in documents.next().text }, vocabularySize: 320)
    source = RowSource(tokenizer: tokenizer, seed: 5, mixture: Self.mixture, rowLength: 150)
  }

  @Test(arguments: [2, 3, 8])
  func `rows do not depend on the number of workers`(workerCount: Int) {
    let alone = source.batch(firstRow: 11, rowCount: 5, workerCount: 1)
    #expect(source.batch(firstRow: 11, rowCount: 5, workerCount: workerCount) == alone)
    #expect(alone.rows.count == 5)
  }

  @Test func `a row depends only on its number, not on its batch`() {
    let batch = source.batch(firstRow: 20, rowCount: 4, workerCount: 2)
    for row in 0..<4 {
      let range = row * 150..<(row + 1) * 150
      let same = source.row(20 + UInt64(row))
      #expect(Array(batch.tokens[range]) == same.tokens)
      #expect(Array(batch.targets[range]) == same.targets)
      #expect(Array(batch.weights[range]) == same.weights)
    }
  }

  @Test func `rows of different numbers and seeds differ`() {
    let other = RowSource(
      tokenizer: source.tokenizer, seed: 6, mixture: Self.mixture, rowLength: 150)
    let rows = (0..<20).map { source.row($0).tokens } + (0..<20).map { other.row($0).tokens }
    #expect(Set(rows).count == 40)
  }

  @Test func `targets are the tokens shifted by one`() {
    for index in 0..<10 as Range<UInt64> {
      let row = source.row(index)
      #expect(row.tokens.count == 150)
      #expect(row.targets.count == 150)
      #expect(row.weights.count == 150)
      #expect(row.targets.dropLast() == row.tokens.dropFirst())
    }
  }

  @Test func `answers of learned sentences have weight one and their openings less`() {
    let tokenizer = source.tokenizer
    for index in 0..<10 as Range<UInt64> {
      var documents = DocumentStream(seed: 5, row: index, mixture: Self.mixture)
      var expected: [(token: Int32, weight: Float)] = []
      while expected.count <= 150 {
        expected.append((tokenizer.endOfText, 0))
        for sentence in documents.next().sentences {
          let weights: (opening: Float, answer: Float) = sentence.isLearned ? (0.1, 1) : (0, 0)
          expected += tokenizer.encode(" " + sentence.opening).map { ($0, weights.opening) }
          expected += tokenizer.encode(sentence.answer).map { ($0, weights.answer) }
        }
      }
      let row = source.row(index)
      #expect(row.tokens == expected.prefix(150).map(\.token))
      #expect(row.targets == expected[1...150].map(\.token))
      #expect(row.weights == expected[1...150].map(\.weight))
      #expect(row.weights.contains(0))
    }
    let weights = source.batch(firstRow: 0, rowCount: 10, workerCount: 1).weights
    #expect(Set(weights) == [0, 0.1, 1])
  }

  @Test func `a sentence encoded in two parts has the same tokens as in one`() {
    let tokenizer = source.tokenizer
    for index in 0..<20 as Range<UInt64> {
      var documents = DocumentStream(seed: 5, row: index, mixture: Self.mixture)
      for sentence in documents.next().sentences {
        #expect(
          tokenizer.encode(" " + sentence.opening) + tokenizer.encode(sentence.answer)
            == tokenizer.encode(" " + sentence.text))
      }
    }
  }

  @Test func `a row begins with the end-of-text token, and no target that is one has a weight`() {
    var isInside = false
    for index in 0..<10 as Range<UInt64> {
      let row = source.row(index)
      #expect(row.tokens[0] == source.tokenizer.endOfText)
      for (target, weight) in zip(row.targets, row.weights) where target == row.tokens[0] {
        isInside = true
        #expect(weight == 0)
      }
    }
    #expect(isInside)
  }
}
