import Corpora
import Foundation

extension Results {
  /// What must be said of results about the user's own documents: what their errors are over, what the
  /// seeds did, and what does not fit.
  package var userNotes: [String] {
    guard let own = run.documents else { return [] }
    let rows = rows.filter { $0.dataset == own.dataset }
    var notes = [
      "± is the standard error over the \(own.factCount) fact\(own.factCount == 1 ? "" : "s") that are "
        + "asked about (fewer in a single split), as if they had been drawn from many like them. It is not over "
        + "worlds: there is one set of documents."
    ]
    if run.seeds.count > 1 {
      let spread =
        rows.map { ($0.worlds.max() ?? 0) - ($0.worlds.min() ?? 0) }.max() ?? 0
      notes.append(
        "The \(run.seeds.count) seeds differ in the order of training and of prompts and in what was "
          + "sampled; an arm's accuracy on a split differs by "
          + String(format: "%.3f at most between them.", spread))
    }
    if let size = prompts.first(where: { $0.dataset == own.dataset }), size.facts < size.ofFacts {
      notes.append(
        "The documents do not fit a prompt together. They are parted, in the order of the file, and a question "
          + "is asked after the part that holds the document which shares most words with it.")
    }
    if rows.contains(where: { $0.meanRank != nil }) {
      notes.append(
        "rank: the mean rank of the right completion among the completions of its split, 1 being best; exact: "
          + "the share of questions to which greedy decoding gives just the right completion.")
    }
    return notes + own.notes
  }
}
