import ArgumentParser
import Corpora
import Foundation
import ModelFiles
import Support
import Tokenization
import Training

/// `train tokenizer`
struct TrainTokenizer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a byte-level BPE tokenizer on your own documents.",
    discussion: """
      Documents are those that train finetune reads. The command writes \
      a folder with tokenizer.json and tokenizer_config.json, which transformers' AutoTokenizer reads.
      """)

  @OptionGroup var documents: DocumentFiles

  @Option(
    help: """
      The number of tokens, including the 256 bytes and the end-of-text token; there are fewer if no \
      pair of tokens is left that occurs twice.
      """)
  var vocabularySize: Int

  @Option(help: "The folder to make.", completion: .directory)
  var output: String

  @Flag(help: "Write nothing to standard error but errors.")
  var quiet = false

  func validate() throws {
    guard (257...Tokenizer.maxVocabularySize).contains(vocabularySize) else {
      throw ValidationError(
        "--vocabulary-size is \(vocabularySize); it must lie between 257 and "
          + "\(Tokenizer.maxVocabularySize).")
    }
  }

  func run() throws {
    let documents = try documents.urls()
    StandardStreams.prepare()
    let folder = URL(fileURLWithPath: output)
    try TokenizerFolder.checkDestination(folder)
    let read = try DocumentFolder(documents)
    for line in read.report { TrainingDisplay(isQuiet: quiet).say(line) }
    let texts = read.documents.map(\.text)
    let tokenizer = try Tokenizer.train(on: texts, vocabularySize: vocabularySize)
    try TokenizerFolder.write(tokenizer, to: folder)
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    let tokens = texts.reduce(0) { $0 + tokenizer.encode($1).count }
    TrainingDisplay(isQuiet: quiet).say(
      "\(tokenizer.vocabularySize) tokens from \(texts.count) documents of \(bytes) bytes, which are "
        + "\(tokens) of its tokens (\(String(format: "%.2f", Double(bytes) / Double(tokens))) bytes "
        + "per token); the tokenizer is in")
    try StandardStreams.printResult(folder.relativePath)
  }
}
