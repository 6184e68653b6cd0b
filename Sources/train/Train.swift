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
    main(nil)
  }
}
