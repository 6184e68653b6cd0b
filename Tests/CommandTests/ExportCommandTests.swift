import Foundation
import ModelFiles
import TestSupport
import Testing
import Tokenization
import Transformer

@Suite struct ExportCommandTests {
  @Test func `a folder with an adapter becomes a GGUF file, and that a folder`() async throws {
    try await inTemporaryFolder { folder in
      let source = folder.appendingPathComponent("source")
      try writeTinyModel(to: source, contextLength: 64)
      let (model, _) = try LanguageModel.read(source)
      let adapter = try Adapter(AdapterPlan(rank: 2, alpha: 60), on: model.configuration)
      for index in 0..<adapter.parameters.count {
        adapter.parameters[index] = Float(index % 5 - 2) / 50
      }
      try AdapterFolder.write(
        adapter, base: "source", card: "", to: folder.appendingPathComponent("adapter"))
      adapter.merge(into: model)

      let train = Command(name: "train", folder: folder)
      let exported = try await train.run([
        "export", "--model", "source", "--adapter", "adapter", "--gguf", "merged.gguf",
      ])
      #expect(exported.status == 0, "\(exported.error)")
      #expect(exported.output == "merged.gguf\n" && exported.error.isEmpty)
      let back = try await train.run(["export", "--model", "merged.gguf", "--output", "folder"])
      #expect(back.status == 0 && back.output == "folder\n", "\(back.error)")
      for name in ["merged.gguf", "folder"] {
        let (again, tokenizer) = try LanguageModel.read(folder.appendingPathComponent(name))
        #expect(again.digest == model.digest)
        #expect(again.configuration == model.configuration)
        #expect(tokenizer.encodeWhole("femp are") == Tokenizer.tiny.encodeWhole("femp are"))
      }
      let small = try await train.run([
        "export", "--model", "folder", "--gguf", "merged.gguf", "--type", "q8_0",
      ])
      #expect(small.status == 0, "\(small.error)")
      let types = try GGUF(contentsOf: folder.appendingPathComponent("merged.gguf")).tensors
        .map(\.type)
      #expect(types.contains(.q80) && types.contains(.f32))
      // What is no model is not replaced.
      try Data("mine".utf8).write(to: folder.appendingPathComponent("mine.txt"))
      let refused = try await train.run(["export", "--model", "source", "--gguf", "mine.txt"])
      #expect(refused.status == 1 && refused.error.contains("mine.txt"))
    }
  }
}
