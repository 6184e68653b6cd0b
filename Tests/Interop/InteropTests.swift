import Foundation
import Kernels
import ModelFiles
import TestSupport
import Testing
import Tokenization
import Training
import Transformer

/// Recto's models in transformers and others' models in Recto; `make_golden.py` makes the files
/// anew.
struct InteropTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let models = ["smollm", "llama3", "qwen2", "qwen3"]

  struct Case: Decodable {
    let text: String
    let ids, row, greedy: [Int32]
    let logits: [Double]
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: Self.folder.appending(path: path)))
  }

  /// The text's ids, the logits of the next token, and what follows greedily.
  private func check(_ cases: [Case], _ model: Model, _ tokenizer: Tokenizer) {
    for golden in cases {
      #expect(tokenizer.encodeWhole(golden.text) == golden.ids, "\(golden.text.debugDescription)")
      let session = InferenceSession(model)
      session.read(golden.row)
      let furthest = zip(session.logits.array, golden.logits).map { abs(Double($0) - $1) }.max()
      #expect(session.logits.count == golden.logits.count)
      #expect(furthest ?? 1 < 1e-4, "\(golden.text.debugDescription)")
      var sampler = Sampler(temperature: 0, seed: 1)
      let greedy = session.generate(&sampler, limit: golden.greedy.count) { _ in false }
      #expect(greedy == golden.greedy)
    }
  }

  @Test func `transformers reads the shipped model as it is`() throws {
    struct Golden: Decodable {
      let cases: [Case]
      let snippets: [[Int32]]
    }
    let golden = try decode(Golden.self, "recto.json")
    let (model, tokenizer) = try LanguageModel.read(
      Self.folder.appending(path: "../../models/recto"))
    check(golden.cases, model, tokenizer)
    let snippets = try decode([String].self, "../TokenizationTests/Golden/troubles.json")
    #expect(golden.snippets.count == snippets.count)
    for (text, ids) in zip(snippets, golden.snippets) {
      #expect(tokenizer.encodeWhole(text) == ids, "\(text.debugDescription)")
    }
  }

  /// The files are those of the same models; `make_gguf.py` makes them anew.
  @Test(arguments: ["smollm", "qwen2", "qwen3"])
  func `a GGUF file computes what transformers does with its folder`(name: String) throws {
    struct Golden: Decodable { let cases: [Case] }
    let (model, tokenizer) = try LanguageModel.read(
      Self.folder.appending(path: "models/\(name).gguf"))
    check(try decode(Golden.self, "models/\(name)/golden.json").cases, model, tokenizer)
    let (other, _) = try LanguageModel.read(Self.folder.appending(path: "models/\(name)"))
    #expect(model.parameters.checksum == other.parameters.checksum)
  }

  /// The files are what the `gguf` package makes of the same folders.
  @Test(arguments: ["smollm", "qwen2", "qwen3"])
  func `an exported GGUF file holds what llama.cpp's converter writes`(name: String) throws {
    let (model, own) = try LanguageModel.read(Self.folder.appending(path: "models/\(name)"))
    // Flags that GGUF does not have, and without which the export is refused.
    var json = String(decoding: try own.json(), as: UTF8.self)
    for flag in ["lstrip", "rstrip", "single_word"] {
      json = json.replacing("\"\(flag)\": true", with: "\"\(flag)\": false")
    }
    let tokenizer = try Tokenizer(json: Data(json.utf8), endOfText: own.endOfText)
    let golden = try GGUF(contentsOf: Self.folder.appending(path: "models/\(name).gguf"))
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.gguf")
      try GGUFExport.write(
        model, tokenizer: tokenizer, type: .f32, notes: GGUFExport.Notes(name: name), to: url)
      let file = try GGUF(contentsOf: url)
      for (key, value) in golden.metadata { #expect(file.metadata[key] == value, "\(key)") }
      #expect(Set(file.tensors.map(\.name)) == Set(golden.tensors.map(\.name)))
      for tensor in golden.tensors {
        let a = FloatStorage(count: tensor.count)
        let b = FloatStorage(count: tensor.count)
        try golden.floats(named: tensor.name, into: a.floats)
        try file.floats(named: tensor.name, into: b.floats)
        #expect(a.floats.array == b.floats.array, "\(tensor.name)")
      }
    }
  }

  @Test(arguments: models) func `others models compute what transformers does`(name: String) throws
  {
    struct Golden: Decodable {
      let cases: [Case]
      let batch: [[Int32]]
      let loss: Double
    }
    let golden = try decode(Golden.self, "models/\(name)/golden.json")
    let folder = Self.folder.appending(path: "models/\(name)")
    let (model, tokenizer) = try LanguageModel.read(folder)
    check(golden.cases, model, tokenizer)

    let length = (golden.batch.first?.count ?? 1) - 1
    let workers = GradientWorkers(model, workerCount: 2, rowLength: length)
    let (loss, _) = workers.run(
      Batch(
        rowLength: length, tokens: golden.batch.flatMap { $0.dropLast() },
        targets: golden.batch.flatMap { $0.dropFirst() },
        weights: [Float](repeating: 1, count: length * golden.batch.count)))
    #expect(abs(loss - golden.loss) < 1e-5)
    let gradients = try Safetensors(contentsOf: folder.appending(path: "gradients.safetensors"))
    #expect(gradients.tensors.count == model.layout.entries.count)
    for entry in model.layout.entries {
      let expected = FloatStorage(count: entry.count)
      try gradients.readFloats(ofTensor: entry.name, into: expected.floats)
      let found = workers.gradients.slice(entry.offset, entry.count)
      let size = expected.floats.sumOfSquares.squareRoot()
      expected.floats.add(found, scale: -1)
      #expect(expected.floats.sumOfSquares.squareRoot() < 1e-4 * max(size, 1e-3), "\(entry.name)")
    }
  }

  /// What Recto writes of another's model is that model: the same parameters, tokens and settings.
  @Test(arguments: models) func `others models are written as they are`(name: String) throws {
    let (model, tokenizer) = try LanguageModel.read(Self.folder.appending(path: "models/\(name)"))
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "copy")
      try LanguageModel.write(model, tokenizer: tokenizer, card: "", to: copy)
      let (other, otherTokenizer) = try LanguageModel.read(copy)
      #expect(other.configuration == model.configuration)
      #expect(other.digest == model.digest)
      #expect(try otherTokenizer.json() == tokenizer.json())
      for text in ["femp's <tool> 123", " été\r\n x"] {
        #expect(otherTokenizer.encodeWhole(text) == tokenizer.encodeWhole(text))
      }
    }
  }
}
