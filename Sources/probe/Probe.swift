import ArgumentParser
import Corpora
import Kernels
import Study

@main
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Compare what a model does with facts in its weights and facts in its context.",
    discussion: """
      probe --reversal      one dataset, three fresh worlds, every arm
      probe --quick         every dataset, one world, the four main arms
      probe --all --seeds 5 --output FOLDER
                            the whole study, with a page of charts
      probe --documents FILE --questions FILE --model FOLDER
                            your own documents and questions
      probe questions --documents FILE --output FILE
                            a draft of such questions, for you to edit
      probe generate --prompt TEXT
                            the model's continuation of a text

      Without a subcommand, probe compares; "probe help compare" lists the options.
      """,
    subcommands: [
      Compare.self, Questions.self, Requests.self, Generate.self, ReportCommand.self,
    ],
    defaultSubcommand: Compare.self)

  /// Sets up the matrix library before all else: under a memory limit that is too low, it would
  /// otherwise wait for ever, even at the end of the process.
  static func main() {
    _ = Processor.current
    main(withSubcommandFirst(Array(CommandLine.arguments.dropFirst())))
  }

  /// Options may stand before the subcommand (`probe --model FOLDER generate`), as they always
  /// could; the parser wants the subcommand first.
  static func withSubcommandFirst(_ arguments: [String]) -> [String] {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    // The default subcommand would take "help" for an argument of its own.
    if arguments.first == "help" {
      return arguments.dropFirst().filter(names.contains) + ["--help"]
    }
    let place = arguments.indices.first { index in
      guard index > 0, names.contains(arguments[index]) else { return false }
      // After an option with a value it is that value, such as the name of a folder.
      let previous = arguments[index - 1]
      return !previous.hasPrefix("--") || Dataset.all.contains { "--" + $0.name == previous }
    }
    guard let place else { return arguments }
    var arguments = arguments
    arguments.insert(arguments.remove(at: place), at: 0)
    return arguments
  }
}

/// Checks that an option's value lies in a range.
///
/// - Throws: `ValidationError` naming the option, the value and the range.
func check<Value: Comparable>(_ name: String, _ value: Value?, in range: ClosedRange<Value>) throws
{
  guard let value, !range.contains(value) else { return }
  throw ValidationError(
    "\(name) is \(value); it must lie between \(range.lowerBound) and \(range.upperBound).")
}
