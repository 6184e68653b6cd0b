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

/// The options of `probe` that ask the model in its chat format.
struct ChatOptions: ParsableArguments {
  @Flag(help: "Ask in the model's chat format: the prompt is a message of the user.")
  var chat = false

  @Option(
    help: ArgumentHelp(
      """
      The chat format: \(Chat.names.joined(separator: ", ")). (default: that of the model's chat \
      template)
      """, valueName: "format"))
  var chatFormat: String?

  func validate() throws {
    guard let chatFormat else { return }
    guard Chat.names.contains(chatFormat) else {
      throw ValidationError(
        "--chat-format is \"\(chatFormat)\"; it must be one of "
          + Chat.names.joined(separator: ", ") + ".")
    }
  }

  /// Nil for plain text.
  ///
  /// - Throws: `TokenizerError` where the model has no format that is known.
  func chat(of tokenizer: Tokenizer) throws -> Chat? {
    guard chat, chatFormat != Chat.noFormat else { return nil }
    return try Chat(tokenizer, format: chatFormat)
  }
}
