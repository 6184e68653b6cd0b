import ArgumentParser
import Foundation
import ModelFiles
import Tokenization
import Transformer

/// The options of `probe` that name the model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      The model: a folder in Hugging Face's format (runs/NAME/model for a finished run), or a GGUF file.
      """, completion: .file())
  var model = "models/recto"

  @Option(
    help: """
      The folder of a low-rank adapter (LoRA) to add to the model: adapter/ of a finished run, or one \
      saved by PEFT.
      """, completion: .directory)
  var adapter: String?

  func read() throws -> (model: Model, tokenizer: Tokenizer) {
    try LanguageModel.read(
      URL(fileURLWithPath: model), adapter: adapter.map { URL(fileURLWithPath: $0) })
  }
}
