import Foundation
import Kernels
import Testing
import Transformer

/// A golden model of the Transformer tests (`Golden/make_golden.py` there), and its parameters
/// after steps of PyTorch's AdamW.
struct GoldenModel: Decodable {
  struct Shape: Decodable {
    let architecture: String
    let vocabSize, hiddenSize, intermediateSize, numHiddenLayers, numAttentionHeads: Int
    let numKeyValueHeads, headDim, maxPositionEmbeddings: Int
    let ropeTheta, rmsNormEps: Double
    let tieWordEmbeddings: Bool
  }

  struct Settings: Decodable {
    let steps: Int
    let learningRate, beta1, beta2, epsilon, weightDecay, maximumGradientNorm: Float
  }

  let configuration: Shape
  let rowLength: Int
  let tokens, targets: [Int32]
  let weights: [Float]
  let parameters, updated: [String: [Float]]
  let loss: Double
  let optimizer: Settings
  let gradientNorms: [Double]

  init(_ name: String) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(
      GoldenModel.self,
      from: Data(contentsOf: tests.appending(path: "TransformerTests/Golden/\(name).json")))
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
        normEpsilon: c.rmsNormEps, tiesEmbeddings: c.tieWordEmbeddings))
    for entry in model.layout.entries {
      model.parameters.slice(entry.offset, entry.count).copy(from: parameters[entry.name] ?? [])
    }
    return model
  }
}

/// The largest difference of two lists; infinite where their lengths differ or one is not finite.
func difference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count, (a + b).allSatisfy(\.isFinite) else { return .infinity }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
