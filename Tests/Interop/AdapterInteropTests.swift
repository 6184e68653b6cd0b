import Foundation
import Kernels
import ModelFiles
import TestSupport
import Testing
import Training
import Transformer

/// Adapters, of Recto's and of peft's making, against what peft computes with them;
/// `make_adapter.py` and `make_adapters.py` make the files anew.
struct AdapterInteropTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  private struct Golden: Decodable {
    struct Case: Decodable {
      let row: [Int32]
      let logits: [Double]
    }
    let recto, peft: [Case]
  }

  private func golden() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: Self.folder.appending(path: "adapter.json")))
  }

  private func check(_ name: String, _ cases: [Golden.Case]) throws -> Adapter {
    let folder = Self.folder.appending(path: "models/\(name)")
    let (model, _) = try LanguageModel.read(
      Self.folder.appending(path: "models/smollm"), adapter: folder)
    #expect(!cases.isEmpty)
    for golden in cases {
      let session = InferenceSession(model)
      session.read(golden.row)
      #expect(session.logits.count == golden.logits.count)
      let furthest = zip(session.logits.array, golden.logits).map { abs(Double($0) - $1) }.max()
      #expect(furthest ?? 1 < 1e-4, "\(golden.row)")
    }
    return try AdapterFolder.read(folder, on: model.configuration)
  }

  @Test func `peft computes with rectos adapter what recto does`() throws {
    let adapter = try check("smollm-adapter", golden().recto)
    #expect(adapter.moduleNames == ["q_proj", "v_proj", "up_proj", "down_proj"])
    #expect(adapter.settings.targets.allSatisfy { $0.rank == 2 && $0.alpha == 6 })
    // And what Recto writes of it are the files that peft has read.
    try withTemporaryFolder { folder in
      let copy = folder.appending(path: "copy")
      try AdapterFolder.write(adapter, base: "base", card: "", to: copy)
      let name = "adapter_model.safetensors"
      #expect(
        try Data(contentsOf: copy.appending(path: name))
          == Data(contentsOf: Self.folder.appending(path: "models/smollm-adapter/\(name)")))
    }
  }

  @Test func `recto computes with pefts adapter what peft does`() throws {
    let adapter = try check("peft-adapter", golden().peft)
    #expect(adapter.settings.targets.allSatisfy { $0.rank == 3 && $0.alpha == 4 })
    #expect(adapter.moduleNames == ["k_proj", "o_proj", "gate_proj"])
  }

  /// A regular expression, patterns of ranks and alphas, rank-stabilised, float16; layers chosen by
  /// number, a rank above the matrices' sides, a negative alpha, bfloat16; all linear layers but
  /// some.
  @Test func `adapters of every kind that peft makes compute what they do in peft`() throws {
    struct Case: Decodable {
      let name, model: String
      let row: [Int32]
      let logits: [Double]
    }
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: Self.folder.appending(path: "adapters.json")))
    #expect(cases.count == 3)
    for golden in cases {
      let models = Self.folder.appending(path: "models")
      let (model, _) = try LanguageModel.read(
        models.appending(path: golden.model), adapter: models.appending(path: golden.name))
      let session = InferenceSession(model)
      session.read(golden.row)
      #expect(session.logits.count == golden.logits.count)
      let furthest = zip(session.logits.array, golden.logits).map { abs(Double($0) - $1) }.max()
      #expect(furthest ?? 1 < 1e-4, "\(golden.name): \(furthest ?? 1)")
    }
  }
}
