import Foundation
import Kernels
import Randomness
import Testing

@testable import Transformer

/// What Hugging Face transformers computes; `Golden/make_golden.py` makes the files anew.
struct Golden: Decodable {
  struct Shape: Decodable {
    let architecture: String
    let vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads: Int
    let numKeyValueHeads, headDim, maxPositionEmbeddings: Int
    let ropeTheta, rmsNormEps: Double
    let tieWordEmbeddings: Bool
    let ropeScaling: Scaling?
  }
  struct Scaling: Decodable {
    let factor, lowFreqFactor, highFreqFactor: Double
    let originalMaxPositionEmbeddings: Int
  }

  let configuration: Shape
  let rowLength: Int
  let tokens, targets: [Int32]
  let weights: [Float]
  let shapes: [String: [Int]]
  let parameters: [String: [Float]]
  let logits: [Double]
  let loss: Double
  let gradients: [String: [Double]]

  static let names = ["llama", "llama-tied", "llama-scaled", "qwen2", "qwen3", "qwen3-tied"]

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
  }

  var batch: Batch {
    Batch(rowLength: rowLength, tokens: tokens, targets: targets, weights: weights)
  }

  func model() throws -> Model {
    _ = Processor.current
    let c = configuration
    let model = try Model(
      Configuration(
        family: try #require(ModelFamily.named(c.architecture)),
        vocabularySize: c.vocabSize, hiddenSize: c.hiddenSize,
        intermediateSize: c.intermediateSize, layerCount: c.numHiddenLayers,
        headCount: c.numAttentionHeads, keyValueHeadCount: c.numKeyValueHeads,
        headSize: c.headDim, contextLength: c.maxPositionEmbeddings, ropeTheta: c.ropeTheta,
        ropeScaling: c.ropeScaling.map {
          .llama3(
            factor: $0.factor, lowFrequencyFactor: $0.lowFreqFactor,
            highFrequencyFactor: $0.highFreqFactor,
            originalContextLength: $0.originalMaxPositionEmbeddings)
        }, normEpsilon: c.rmsNormEps, tiesEmbeddings: c.tieWordEmbeddings))
    for entry in model.layout.entries {
      model.parameters.slice(entry.offset, entry.count).copy(from: parameters[entry.name] ?? [])
    }
    return model
  }
}

/// A small model with random parameters, the zeroed matrices of `initialize` and the norms
/// included.
///
/// - Parameter isWide: whether its matrices are so large that threads divide its products.
func randomModel(
  _ family: ModelFamily = .qwen3, tied: Bool = false,
  layerCount: Int = 2, contextLength: Int = 64, isWide: Bool = false,
  seed: UInt64 = 1
) throws -> Model {
  _ = Processor.current
  // Widths lie between multiples of 16, so that kernels run through lanes and remainders.
  let keys = family.format.keys
  var c = Configuration(
    family: family, vocabularySize: isWide ? 2048 : 37, hiddenSize: isWide ? 96 : 20,
    intermediateSize: isWide ? 1024 : 28,
    layerCount: layerCount, headCount: keys.headSize == nil ? 2 : 4,
    keyValueHeadCount: 2, headSize: keys.headSize == nil ? 10 : 36,
    contextLength: contextLength, ropeTheta: 100, tiesEmbeddings: tied)
  if family == .gemma3 { (c.slidingWindow, c.slidingLayers) = (5, [0]) }
  let model = try Model(c)
  var random = RandomGenerator(seed: seed)
  for entry in model.layout.entries {
    let floats = model.parameters.slice(entry.offset, entry.count)
    let fanIn = entry.shape.count == 1 ? 25 : entry.shape[1]
    floats.fillNormal(deviation: 1 / Float(fanIn).squareRoot(), using: &random)
    if entry.shape.count == 1 {
      for index in 0..<floats.count { floats[index] += 1 }
    }
  }
  return model
}

func randomTokens(_ count: Int, of model: Model, seed: UInt64) -> [Int32] {
  var random = RandomGenerator(seed: seed)
  return (0..<count).map { _ in
    Int32(random.integer(below: model.configuration.vocabularySize))
  }
}

/// Rows of random tokens; about one token in three has no weight.
func randomBatch(_ rowCount: Int, rowLength: Int, of model: Model, seed: UInt64) -> Batch {
  let count = rowCount * rowLength
  var random = RandomGenerator(seed: seed, keys: 2)
  return Batch(
    rowLength: rowLength, tokens: randomTokens(count, of: model, seed: seed),
    targets: randomTokens(count, of: model, seed: seed + 1),
    weights: (0..<count).map { _ in random.element(of: [0, 0.5, 1]) })
}

/// The sum of weighted losses of a batch, and its gradient by every parameter.
func lossAndGradients(
  _ model: Model, _ batch: Batch, tokensPerChunk: Int = 1024, gradientScale: Float = 1,
  layerCount: Int? = nil, threadCount: Int = 1
) -> (loss: Double, gradients: [Float]) {
  let longest = batch.rows.map(\.count).max() ?? 1
  let pass = TrainingPass(
    model, tokensPerChunk: tokensPerChunk, rowLength: longest, threadCount: threadCount)
  let arena = GradientArena(model)
  let loss = pass.accumulate(
    batch, rows: batch.rows.indices, gradients: arena.sums, gradientScale: gradientScale,
    layerCount: layerCount)
  return (loss, arena.floats.array)
}

/// Logits after every token of rows of one pass, without a cache: `[tokens][vocabulary]`.
func logits(_ model: Model, _ tokens: [Int32], rowLength: Int? = nil) -> [[Float]] {
  let (rows, length) = (tokens.count, rowLength ?? tokens.count)
  func buffers(_ arena: inout Arena) -> (Activations, OutputHead.Buffers) {
    (
      Activations(&arena, of: model, rows: rows, keyCount: length, keeping: .everything),
      model.weights.head.buffers(&arena, rows: rows)
    )
  }
  var arena = Arena()
  _ = buffers(&arena)
  let storage = FloatStorage(count: arena.count)
  arena = Arena(storage.floats)
  let (activations, head) = buffers(&arena)
  let segments = stride(from: 0, to: rows, by: length).map { Segment(first: $0, count: length) }
  model.forward(tokens[...], segments: segments, activations: activations)
  head.input.copyRows(from: activations.output)
  model.weights.head.forward(head)
  return (0..<rows).map { head.logits.row($0).array }
}

/// The largest difference of two lists, relative to the largest expected number; infinite if their
/// lengths differ or a number is not finite.
func deviation(_ actual: [Float], from expected: [Double]) -> Double {
  guard actual.count == expected.count, actual.allSatisfy(\.isFinite) else { return .infinity }
  let size = expected.reduce(0) { max($0, abs($1)) }
  let difference = zip(actual, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  return difference == 0 ? 0 : difference / size
}

func deviation(_ actual: [Float], from expected: [Float]) -> Double {
  deviation(actual, from: expected.map(Double.init))
}
