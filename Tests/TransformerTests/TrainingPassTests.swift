import Foundation
import Testing

@testable import Transformer

struct TrainingPassTests {
  @Test(arguments: [1, 10, 35, 200, 599])
  func `chunk size changes only the rounding`(tokensPerChunk: Int) throws {
    let model = try randomModel()
    // More rows with weight than the head takes at a time.
    var batch = randomBatch(60, rowLength: 10, of: model, seed: 4)
    for index in batch.weights.indices where index % 11 != 0 { batch.weights[index] = 1 }
    let whole = lossAndGradients(model, batch, tokensPerChunk: 600)
    let parts = lossAndGradients(model, batch, tokensPerChunk: tokensPerChunk)
    #expect(abs(parts.loss / whole.loss - 1) < 1e-6)
    #expect(deviation(parts.gradients, from: whole.gradients) < 1e-5)
  }

  @Test(arguments: [2, 3])
  func `several threads change only the rounding`(threadCount: Int) throws {
    let model = try randomModel(isWide: true)
    let batch = randomBatch(12, rowLength: 10, of: model, seed: 4)
    let one = lossAndGradients(model, batch)
    let several = lossAndGradients(model, batch, threadCount: threadCount)
    #expect(abs(several.loss / one.loss - 1) < 1e-6)
    #expect(deviation(several.gradients, from: one.gradients) < 1e-5)
    #expect(several == lossAndGradients(model, batch, threadCount: threadCount))
  }

  /// The targets alone with all probability are what hard targets are, and loss and gradient of a
  /// mixture are the mixture of losses and gradients.
  @Test func `soft targets are mixtures of hard ones`() throws {
    let model = try randomModel()
    let batch = randomBatch(4, rowLength: 9, of: model, seed: 12)
    let hard = lossAndGradients(model, batch)
    func soft(_ distribution: (Int32) -> [(token: Int32, probability: Float)]) -> Batch {
      var distributions = TargetDistributions(width: 3)
      for target in batch.targets { distributions.append(distribution(target)) }
      var soft = batch
      soft.distributions = distributions
      return soft
    }
    let one: Float = 1
    let certain = lossAndGradients(model, soft { [(token: $0, probability: one)] })
    #expect(abs(certain.loss / hard.loss - 1) < 1e-6)
    #expect(deviation(certain.gradients, from: hard.gradients) < 1e-5)

    var other = batch
    other.targets = batch.targets.map { ($0 + 5) % 37 }
    let others = lossAndGradients(model, other)
    let mixed = lossAndGradients(
      model,
      soft { target in
        let (half, quarter): (Float, Float) = (0.5, 0.25)
        return [
          (token: target, probability: half), (token: (target + 5) % 37, probability: quarter),
          (token: target, probability: quarter),
        ]
      })
    let loss = 0.75 * hard.loss + 0.25 * others.loss
    #expect(abs(mixed.loss / loss - 1) < 1e-6)
    let gradients: [Float] = zip(hard.gradients, others.gradients).map { 0.75 * $0 + 0.25 * $1 }
    #expect(deviation(mixed.gradients, from: gradients) < 1e-5)
  }

  @Test func `rows do not see each other and gradients add up`() throws {
    let model = try randomModel()
    let batch = randomBatch(5, rowLength: 8, of: model, seed: 5)
    let together = lossAndGradients(model, batch)
    let pass = TrainingPass(model, rowLength: 8)
    let arena = GradientArena(model)
    var loss = 0.0
    for rows in [3..<5, 0..<1, 1..<3, 2..<2] {
      loss += pass.accumulate(batch, rows: rows, gradients: arena.sums, gradientScale: 1)
    }
    #expect(abs(loss / together.loss - 1) < 1e-6)
    #expect(deviation(arena.floats.array, from: together.gradients) < 1e-5)
  }

  @Test(arguments: [11, 17, 1024])
  func `rows of different lengths equal each alone`(tokensPerChunk: Int) throws {
    let model = try randomModel()
    let lengths = [3, 11, 1, 7, 7]
    let count = lengths.reduce(0, +)
    let batch = Batch(
      rowLengths: lengths, tokens: randomTokens(count, of: model, seed: 9),
      targets: randomTokens(count, of: model, seed: 10), weights: (0..<count).map { Float($0 % 3) })
    let together = lossAndGradients(model, batch, tokensPerChunk: tokensPerChunk)
    let arena = GradientArena(model)
    var loss = 0.0
    for row in batch.rows {
      let alone = Batch(
        rowLength: row.count, tokens: Array(batch.tokens[row]), targets: Array(batch.targets[row]),
        weights: Array(batch.weights[row]))
      loss += TrainingPass(model, rowLength: row.count).accumulate(
        alone, rows: 0..<1, gradients: arena.sums, gradientScale: 1)
    }
    #expect(abs(together.loss / loss - 1) < 1e-6)
    #expect(deviation(together.gradients, from: arena.floats.array) < 1e-5)
  }

  @Test func `gradient scale scales gradients and not the loss`() throws {
    let model = try randomModel()
    let batch = randomBatch(2, rowLength: 8, of: model, seed: 6)
    let plain = lossAndGradients(model, batch)
    let scaled = lossAndGradients(model, batch, gradientScale: 0.25)
    #expect(scaled.loss == plain.loss)
    #expect(deviation(scaled.gradients, from: plain.gradients.map { $0 * 0.25 }) < 1e-6)
  }

  @Test func `tokens without weight teach nothing`() throws {
    let model = try randomModel()
    var batch = randomBatch(2, rowLength: 6, of: model, seed: 7)
    batch.weights = [0, 1, 1, 0, 0, 0] + [0, 0, 0, 0, 0, 0]
    let (loss, gradients) = lossAndGradients(model, batch)
    #expect(loss > 0)
    // What follows the last prediction, the second row and their targets have no influence.
    var changed = batch
    for index in 3..<12 {
      changed.tokens[index] = (batch.tokens[index] + 1) % 37
      changed.targets[index] = (batch.targets[index] + 1) % 37
    }
    let other = lossAndGradients(model, changed)
    #expect(other.loss == loss)
    #expect(deviation(other.gradients, from: gradients) < 1e-6)
    let seen = Set(batch.tokens[..<3])
    for token in 0..<37 where !seen.contains(Int32(token)) {
      #expect(gradients[token * 20..<(token + 1) * 20].allSatisfy { $0 == 0 })
    }

    batch.weights = [Float](repeating: 0, count: 12)
    let none = lossAndGradients(model, batch)
    #expect(none.loss == 0 && none.gradients.allSatisfy { $0 == 0 })
  }

  /// A pass through the lower layers is one of a model that has no others.
  @Test(arguments: [1, 2, 3])
  func `layers above those asked for are not there`(layerCount: Int) throws {
    let model = try randomModel(layerCount: 3)
    let short = try randomModel(layerCount: layerCount, seed: 2)
    let entries = Dictionary(uniqueKeysWithValues: model.layout.entries.map { ($0.name, $0) })
    for entry in short.layout.entries {
      let same = try #require(entries[entry.name])
      short.parameters.slice(entry.offset, entry.count)
        .copy(from: model.parameters.slice(same.offset, same.count))
    }
    let batch = randomBatch(3, rowLength: 8, of: model, seed: 11)
    let lower = lossAndGradients(model, batch, layerCount: layerCount)
    let alone = lossAndGradients(short, batch)
    #expect(lower.loss == alone.loss)
    for entry in model.layout.entries {
      let found = lower.gradients[entry.offset..<entry.offset + entry.count]
      if let same = short.layout.entries.first(where: { $0.name == entry.name }) {
        #expect(found.elementsEqual(alone.gradients[same.offset..<same.offset + same.count]))
      } else {
        #expect(found.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func `weights multiply losses`() throws {
    let model = try randomModel()
    var batch = randomBatch(1, rowLength: 5, of: model, seed: 8)
    let expected = zip(logits(model, batch.tokens), batch.targets).map { logits, target in
      let doubles = logits.map(Double.init)
      let sum = doubles.reduce(0) { $0 + exp($1) }
      return log(sum) - doubles[Int(target)]
    }
    for position in 0..<5 {
      batch.weights = (0..<5).map { $0 == position ? 3 : 0 }
      let loss = lossAndGradients(model, batch).loss
      #expect(abs(loss - 3 * expected[position]) < 1e-5)
    }
  }
}
