import ArgumentParser
import Kernels

@main
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Pretrain a tiny transformer, or fine-tune any on your own documents.",
    discussion: """
      Without a subcommand it pretrains, with the options that train pretrain --help tells; \
      train --resume FOLDER goes on with a run of either kind.
      """,
    subcommands: [Pretrain.self, Finetune.self, TrainTokenizer.self],
    defaultSubcommand: Pretrain.self)

  /// The matrix library is set up first of all: where a limit of memory is too low for it, it would wait for
  /// ever, even at the end of the process.
  static func main() {
    _ = Processor.current
    if let name = CommandLine.arguments.dropFirst().first, let error = unknownCommand(name) {
      exit(withError: error)
    }
    main(nil)
  }

  /// What a misspelt command is told, which the parser would take for the default one's and then find fault
  /// with its options.
  private static func unknownCommand(_ name: String) -> ValidationError? {
    let known = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !name.hasPrefix("-"), name != "help", !known.contains(name) else { return nil }
    return ValidationError(
      "There is no command \"\(name)\"; there are \(known.joined(separator: ", ")).")
  }
}
