import Corpora
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import Training

@Suite struct DocumentRowsTests {
  private let tokenizer = Tokenizer.tiny

  /// The tokens of a text that stands first.
  private func first(_ text: String) -> [Int32] { tokenizer.continuation(text, isFirst: true) }

  private func rows(
    _ documents: [UserDocument], rowLength: Int = 1000, learnsPrompts: Bool = true,
    workerCount: Int = 2
  ) -> DocumentRows {
    DocumentRows(
      documents, tokenizer: tokenizer, rowLength: rowLength, learnsPrompts: learnsPrompts,
      workerCount: workerCount)
  }

  @Test func `a document stands between two end-of-text tokens and is learned whole`() {
    let batch = rows([UserDocument(completion: "femp are rony.")]).batch([0])
    let text = first("femp are rony.")
    #expect(batch.tokens == [tokenizer.endOfText] + text)
    #expect(batch.targets == text + [tokenizer.endOfText])
    #expect(batch.weights.allSatisfy { $0 == 1 })
  }

  @Test func `a prompt has no loss where only completions are learned`() {
    let document = UserDocument(prompt: "femp are", completion: " rony.")
    let (prompt, completion) = (first("femp are"), tokenizer.encode(" rony."))
    let whole = rows([document]).batch([0])
    #expect(whole.targets == prompt + completion + [tokenizer.endOfText])
    #expect(whole.weights.allSatisfy { $0 == 1 })
    let masked = rows([document], learnsPrompts: false).batch([0])
    #expect(masked.tokens == whole.tokens && masked.targets == whole.targets)
    #expect(
      masked.weights == prompt.map { _ in 0 } + completion.map { _ in 1 } + [1])
  }

  @Test(arguments: [1, 2, 7, 1000])
  func `every token of a long document is learned once`(rowLength: Int) {
    let texts = ["femp are more rony than glon, they say.", "glon."]
    let source = rows(texts.map { UserDocument(completion: $0) }, rowLength: rowLength)
    let batch = source.batch((0..<Int32(source.count)).map { $0 })
    #expect(batch.rows.allSatisfy { $0.count <= rowLength })
    #expect(
      batch.targets == texts.flatMap { first($0) + [tokenizer.endOfText] })
    #expect(batch.weights.allSatisfy { $0 == 1 })
    #expect(source.longest == min(rowLength, first(texts[0]).count + 1))
    #expect(source.tokenCount == batch.tokens.count)
  }

  @Test func `rows without anything to learn are left out`() {
    let prompt = String(repeating: "femp are rony. ", count: 20)
    let document = UserDocument(prompt: prompt, completion: "glon.")
    let source = rows([document], rowLength: 8, learnsPrompts: false)
    let batch = source.batch((0..<Int32(source.count)).map { $0 })
    #expect(
      zip(batch.targets, batch.weights).filter { $0.1 == 1 }.map(\.0)
        == tokenizer.encode("glon.") + [tokenizer.endOfText])
    #expect(batch.rows.allSatisfy { row in batch.weights[row].contains(1) })
    #expect(source.count < rows([document], rowLength: 8).count)
  }

  @Test func `every epoch learns every row once, in its own order`() {
    let documents = (0..<40).map { index in
      UserDocument(completion: String(repeating: "femp ", count: 1 + index % 9) + "\(index)")
    }
    let source = rows(documents)
    let plan = source.plan(epochs: 3, tokensPerStep: 50, seed: 1)
    #expect(plan.order.count == 120)
    let epochs = (0..<3).map { Array(plan.order[$0 * 40..<($0 + 1) * 40]) }
    for epoch in epochs { #expect(epoch.sorted() == (0..<40).map { Int32($0) }) }
    #expect(Set(epochs).count == 3)
    #expect(source.plan(epochs: 3, tokensPerStep: 50, seed: 1).order == plan.order)
    #expect(source.plan(epochs: 3, tokensPerStep: 50, seed: 2).order != plan.order)
    #expect(plan.tokens.reduce(0, +) == 3 * source.tokenCount)
    for step in plan.ends.indices {
      let range = plan.range(of: step)
      let lengths = plan.order[range].map { source.batch([$0]).tokens.count }
      #expect(lengths.reduce(0, +) == plan.tokens[step])
      // The last row fills the step, or the epoch ends.
      #expect(lengths.dropLast().reduce(0, +) < 50)
      #expect(plan.tokens[step] >= 50 || range.upperBound % 40 == 0)
    }
  }

  @Test func `the digest depends on the documents, their order and what is learned of them`() {
    let documents = [
      UserDocument(prompt: "femp", completion: " are"), UserDocument(completion: "glon"),
    ]
    let digests = [
      rows(documents), rows(documents.reversed()), rows(documents, learnsPrompts: false),
      rows([UserDocument(prompt: "femp", completion: " is"), documents[1]]),
    ].map(\.digest)
    #expect(Set(digests).count == 4)
    #expect(rows(documents, workerCount: 1).digest == digests[0])
  }

  @Test func `workers share rows of different lengths by their tokens`() {
    let lengths = [300, 100, 90, 10, 250, 50]
    let batch = Batch(
      rowLengths: lengths, tokens: Array(repeating: 1, count: 800),
      targets: Array(repeating: 1, count: 800), weights: Array(repeating: 1, count: 800))
    for workerCount in 1...8 {
      let shares = (0..<workerCount).map {
        GradientWorkers.rows(of: batch, worker: $0, workerCount: workerCount)
      }
      #expect(shares.flatMap { Array($0) } == Array(0..<6))
    }
    #expect(GradientWorkers.rows(of: batch, worker: 0, workerCount: 2) == 0..<2)
  }
}
