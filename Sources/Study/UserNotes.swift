import Corpora
import Foundation

extension Results {
  /// Notes that results about the user's own documents need: what their errors are over, what
  /// differs between seeds, and what does not fit a prompt.
  package var userNotes: [String] {
    guard let own = run.documents else { return [] }
    let rows = rows.filter { $0.dataset == own.dataset }
    var notes = [
      "± is the standard error over the \(own.factCount) fact\(own.factCount == 1 ? "" : "s") "
        + "asked about (fewer in a single split), as if they were a random sample of such facts. It "
        + "is not over worlds: there is one set of documents."
    ]
    if run.seeds.count > 1 {
      let spread =
        rows.map { ($0.worlds.max() ?? 0) - ($0.worlds.min() ?? 0) }.max() ?? 0
      notes.append(
        "The \(run.seeds.count) seeds differ in the order of training and of prompts and in the "
          + "sampled sentences; an arm's accuracy on a split differs between them by "
          + String(format: "at most %.3f.", spread))
    }
    if let size = prompts.first(where: { $0.dataset == own.dataset }), size.facts < size.ofFacts {
      notes.append(
        "The documents do not fit into one prompt. They are split, in the order of the file, into "
          + "several prompts, and a question is asked after the prompt with the document that shares "
          + "the most words with it.")
    }
    if rows.contains(where: { $0.meanRank != nil }) {
      notes.append(
        "rank: the mean rank of the right completion among the completions of its split, where 1 is "
          + "best; exact: the share of questions for which greedy decoding gives exactly the right "
          + "completion.")
    }
    return notes + own.notes
  }
}
