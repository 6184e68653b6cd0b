import ArgumentParser
import Foundation
import ModelFiles
import Tokenization
import Transformer

/// Which model is asked.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "The model folder; a finished run has its in runs/NAME/model.", completion: .directory)
  var model = "models/recto"

  @Option(
    help: """
      The folder of a low-rank adapter (LoRA) to add to the model: adapter/ of a finished run, or one \
      that PEFT has saved.
      """, completion: .directory)
  var adapter: String?

  func read() throws -> (model: Model, tokenizer: Tokenizer) {
    try LanguageModel.read(
      URL(fileURLWithPath: model), adapter: adapter.map { URL(fileURLWithPath: $0) })
  }
}
