import ArgumentParser
import Foundation
import ModelFiles
import Support

/// `train export`
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as a GGUF file for llama.cpp, or as a Hugging Face folder.",
    discussion: """
      The model is a Hugging Face folder or a GGUF file, of the families Llama, Qwen2 and Qwen3 for a \
      GGUF file; an adapter is merged into it. A GGUF file also holds the tokenizer and, if the model \
      has one, its chat template.
      """)

  @Option(
    help: "The model to export: a folder or a GGUF file.", completion: .file(extensions: ["gguf"]))
  var model: String

  @Option(
    help: "The folder of a low-rank adapter (LoRA) to merge into the model.", completion: .directory
  )
  var adapter: String?

  @Option(
    help: ArgumentHelp("The GGUF file to write.", valueName: "file"),
    completion: .file(extensions: ["gguf"]))
  var gguf: String?

  @Option(
    help: """
      How the GGUF file stores matrices: f32 (exact), f16, bf16, or q8_0, which takes a quarter of \
      the space. Vectors are always f32.
      """)
  var type: TensorType?

  @Option(
    help: "The Hugging Face folder to write, in float32.", completion: .directory)
  var output: String?

  /// The types by the names that llama.cpp's tools give them.
  enum TensorType: String, ExpressibleByArgument, CaseIterable {
    case f32, f16, bf16
    case q80 = "q8_0"

    var format: GGUF.TensorType {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .bf16: .bf16
      case .q80: .q80
      }
    }
  }

  func validate() throws {
    guard (gguf == nil) != (output == nil) else {
      throw ValidationError("Name what to write: either --gguf FILE or --output FOLDER.")
    }
    if type != nil, gguf == nil {
      throw ValidationError("--type needs --gguf: a folder is always written in float32.")
    }
  }

  func run() throws {
    StandardStreams.prepare()
    let source = URL(fileURLWithPath: model)
    let target = URL(fileURLWithPath: gguf ?? output ?? "")
    if gguf != nil {
      try GGUFExport.checkDestination(target)
    } else {
      try ModelFolder.checkDestination(target)
    }
    let (model, tokenizer) = try LanguageModel.read(
      source, adapter: adapter.map { URL(fileURLWithPath: $0) })
    if gguf != nil {
      try GGUFExport.write(
        model, tokenizer: tokenizer, type: (type ?? .f32).format,
        notes: GGUFExport.Notes(of: source, tokenizer: tokenizer), to: target)
    } else {
      let merged = adapter.map { ", with the adapter in `\($0)` merged into it" } ?? ""
      try LanguageModel.write(
        model, tokenizer: tokenizer,
        card: "# \(source.lastPathComponent)\n\nThe model in `\(self.model)`\(merged).\n",
        to: target)
    }
    try StandardStreams.printResult(target.relativePath)
  }
}
