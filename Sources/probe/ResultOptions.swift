import ArgumentParser
import Foundation
import Study
import StudyReport

/// The options of `probe` that say where its results go.
struct ResultOptions: ParsableArguments {
  @Option(
    help: """
      A folder to write results.json, samples.jsonl and report.html to. While the arms run, finished \
      ones are kept beside it in FOLDER.unfinished, and the same command continues from there.
      """, completion: .directory)
  var output: String?

  @Option(
    help:
      "How to print the results: \(Results.Format.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var format = Results.Format.table

  @Flag(
    help: "Also write the sentences that the model generated to --output: augmentations.jsonl.")
  var keepAugmentations = false

  @Flag(
    help: """
      Also write the results to --output in the format of EleutherAI's lm-evaluation-harness: a folder \
      per arm in lm-eval/, with results_DATE.json and samples_TASK_DATE.jsonl.
      """)
  var lmEval = false

  @Flag(help: "Write no progress to standard error.")
  var quiet = false

  /// The folder of the results.
  ///
  /// - Throws: `ValidationError` where an option needs a folder and none is named.
  func destination() throws -> URL? {
    guard output?.isEmpty != true else {
      throw ValidationError("--output is empty; name a folder.")
    }
    for (isAsked, name) in [(lmEval, "--lm-eval"), (keepAugmentations, "--keep-augmentations")]
    where isAsked && output == nil {
      throw ValidationError("\(name) needs a folder to write to; name it with --output.")
    }
    return output.map { URL(fileURLWithPath: $0) }
  }
}

extension Results.Format: ExpressibleByArgument {}
