import Foundation
import Kernels
import ModelFiles

extension FuzzedReader {
  /// One GGUF file: every tensor in it, and the model that it may hold, which is written and read
  /// again.
  public static let gguf = FuzzedReader("gguf") { bytes in
    let url = try emptyFolder("gguf").appendingPathComponent("a.gguf")
    try Data(bytes).write(to: url)
    let file = try GGUF(contentsOf: url)
    for tensor in file.tensors {
      precondition(tensor.byteRange.upperBound <= bytes.count, "a tensor ends after the file")
      let storage = FloatStorage(count: tensor.count)
      try file.floats(named: tensor.name, into: storage.floats)
    }
    let (model, tokenizer) = try LanguageModel.read(url, warn: { _ in })
    let tokens = tokenizer.encodeWhole("femp are more rony than glon.")
    precondition(tokens.allSatisfy { (0..<model.configuration.vocabularySize).contains(Int($0)) })
    let copy = url.deletingLastPathComponent().appendingPathComponent("b.gguf")
    try GGUFExport.write(
      model, tokenizer: tokenizer, type: .f32,
      notes: GGUFExport.Notes(of: url, tokenizer: tokenizer), to: copy)
    let (again, _) = try LanguageModel.read(copy, warn: { _ in })
    precondition(
      again.parameters.checksum == model.parameters.checksum, "what was written is read differently"
    )
  }
}
