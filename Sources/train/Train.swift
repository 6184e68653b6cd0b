import ArgumentParser
import Kernels

@main
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Pretrain a tiny transformer, or fine-tune a model on your own documents.",
    discussion: """
      Without a subcommand, train pretrains; train pretrain --help lists the options. \
      train --resume FOLDER continues a run of either kind.
      """,
    subcommands: [Pretrain.self, Finetune.self, TrainTokenizer.self, Export.self],
    defaultSubcommand: Pretrain.self)

  /// Sets up the matrix library before all else: under a memory limit that is too low, it would
  /// otherwise wait for ever, even at the end of the process.
  static func main() {
    _ = Processor.current
    if let name = CommandLine.arguments.dropFirst().first, let error = unknownCommand(name) {
      exit(withError: error)
    }
    main(nil)
  }

  /// The error for a misspelt command: the parser would take it for an argument of the default
  /// command and then reject its options.
  private static func unknownCommand(_ name: String) -> ValidationError? {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !name.hasPrefix("-"), name != "help", !known.contains(name) else { return nil }
    return ValidationError(
      "There is no command \"\(name)\"; the commands are \(known.joined(separator: ", ")).")
  }
}
