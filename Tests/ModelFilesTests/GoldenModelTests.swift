import Foundation
import Kernels
import Testing
import Transformer

@testable import ModelFiles

/// Folders that Hugging Face transformers wrote, and what PyTorch computes from them;
/// `Golden/make_models.py` makes them anew.
@Suite struct GoldenModelTests {
  private struct Golden: Decodable {
    let tokens: [Int32]
    let logits: [Double]
    let loss: Double
    let gradients: [String: [Double]]
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/models")
  static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []

  private func read(_ name: String) throws -> (model: Model, golden: Golden) {
    let folder = Self.folder.appending(path: name)
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    return (try read(folder), golden)
  }

  private func read(_ folder: URL) throws -> Model {
    let model = try Model(ModelFolder.readConfiguration(at: folder))
    try ModelFolder.readParameters(
      at: folder, configuration: model.configuration, into: model.parameters)
    return model
  }

  private func logits(_ model: Model, _ tokens: [Int32]) -> [Float] {
    let session = InferenceSession(model)
    return tokens.flatMap { token in
      session.read([token])
      return session.logits.array
    }
  }

  /// The largest difference, relative to the largest expected number.
  private func deviation(_ actual: [Float], from expected: [Double]) -> Double {
    guard actual.count == expected.count, actual.allSatisfy(\.isFinite) else { return .infinity }
    let size = expected.reduce(1e-9) { max($0, abs($1)) }
    return zip(actual, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / size
  }

  @Test func `there are folders of every family`() throws {
    let families = try Self.names.map { try read($0).model.configuration.family }
    #expect(ModelFamily.all.allSatisfy(families.contains))
  }

  @Test(arguments: names)
  func `logits, loss and gradients equal PyTorchs`(name: String) throws {
    let (model, golden) = try read(name)
    #expect(deviation(logits(model, golden.tokens), from: golden.logits) < 2e-5)

    let count = golden.tokens.count
    let pass = TrainingPass(model, rowLength: count)
    let gradients = GradientArena(model)
    let weights = [Float](repeating: 1 / Float(count - 1), count: count - 1) + [0]
    let loss = pass.accumulate(
      Batch(
        rowLength: count, tokens: golden.tokens, targets: golden.tokens.dropFirst() + [0],
        weights: weights),
      rows: 0..<1, gradients: gradients.sums, gradientScale: 1)
    #expect(abs(loss - golden.loss) < 1e-5 * golden.loss)
    #expect(model.layout.entries.count == golden.gradients.count)
    for entry in model.layout.entries {
      let gradient = gradients.floats.slice(entry.offset, entry.count)
      entry.order.toFile(gradient, shape: entry.shape)
      let expected = try #require(golden.gradients[entry.name], "\(entry.name)")
      #expect(deviation(gradient.array, from: expected) < 5e-5, "\(entry.name)")
    }
  }

  /// Scores of several texts after the same beginning: the other way through attention.
  @Test(arguments: names)
  func `scores after a shared beginning equal the logits`(name: String) throws {
    let (model, golden) = try read(name)
    let (tokens, width) = (golden.tokens, model.configuration.vocabularySize)
    let session = InferenceSession(model)
    session.read(tokens[..<4])
    let choices = [3, 6].map { Array(tokens[7..<7 + $0]) }
    let scores = session.logLikelihoods(
      choices.map { .init(prompt: Array(tokens[4..<7]), choice: $0) })
    for (choice, score) in zip(choices, scores) {
      let expected = choice.indices.reduce(0.0) { sum, index in
        let row = golden.logits[(6 + index) * width..<(7 + index) * width]
        let top = row.max() ?? 0
        let total = log(row.reduce(0) { $0 + exp($1 - top) }) + top
        return sum + row[row.startIndex + Int(choice[index])] - total
      }
      #expect(abs(score - expected) < 1e-4)
    }
  }

  @Test(arguments: names)
  func `a written folder reads as the same model`(name: String) throws {
    let (model, _) = try read(name)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try ModelFolder.write(
      model.parameters, configuration: model.configuration, sideFiles: SideFiles(files: []),
      card: "", to: folder)
    let copy = try read(folder)
    #expect(copy.configuration == model.configuration)
    #expect(copy.parameters.array == model.parameters.array)
    // The tensors have the names and shapes that transformers gave them.
    let written = try Safetensors(contentsOf: folder.appending(path: "model.safetensors"))
    let original = try Safetensors(
      contentsOf: Self.folder.appending(path: "\(name)/model.safetensors"))
    for tensor in original.tensors {
      #expect(try written.data(named: tensor.name) == original.data(named: tensor.name))
    }
  }
}
