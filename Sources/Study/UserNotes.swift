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
    return notes + sizeNotes(own, rows) + learningNotes(own) + own.notes
  }

  /// Splits about fewer facts hardly tell arms apart: of nine, one is 0.11.
  private static let fewFacts = 10

  /// What so few questions or documents do not show.
  private func sizeNotes(_ own: UserDocuments.Summary, _ rows: [Row]) -> [String] {
    var notes: [String] = []
    let small = Split.ordered(rows.map(\.split)).compactMap { split in
      rows.first { $0.split == split }?.facts.flatMap { facts in
        facts < Self.fewFacts ? "\(split.rawValue) (\(facts))" : nil
      }
    }
    if !small.isEmpty {
      notes.append(
        "Beware: few facts are asked about in \(small.joined(separator: ", ")); with fewer than "
          + "\(Self.fewFacts), differences between arms say little. Add questions.")
    }
    if own.documentCount <= Arm.retrievedDocuments,
      rows.contains(where: { $0.arm == Arm.retrieval.name })
    {
      notes.append(
        "There are only \(own.documentCount) documents, so \(Arm.retrieval.name) reads all of them."
      )
    }
    return notes
  }

  /// What training did to the loss on the documents, and which arms learned little.
  private func learningNotes(_ own: UserDocuments.Summary) -> [String] {
    guard let fits, !fits.isEmpty else { return [] }
    let before = own.languageFit.bitsPerByte
    let rate = String(format: "%.2g", run.fineTuning.learningRate)
    var notes = [
      String(format: "Loss on the documents, in bits per byte: %.2f before training; ", before)
        + fits.map { String(format: "%@ %.2f", $0.arm, $0.bitsPerByte) }.joined(separator: ", ")
        + "."
    ]
    let worse = fits.filter { $0.bitsPerByte > before }.map(\.arm)
    if !worse.isEmpty {
      notes.append(
        "Beware: after training, \(worse.joined(separator: ", ")) predicts the documents worse than "
          + "before; lower --learning-rate (it was \(rate)).")
    }
    func accuracy(_ arm: String) -> Double? { row(own.dataset, arm, .trained)?.accuracy }
    if let pretrained = accuracy(Arm.pretrained.name) {
      // Controls and variants may answer no better; the parts of the comparison should.
      let idle = fits.map(\.arm).filter { arm in
        guard Arm.named(arm)?.role != nil, let now = accuracy(arm) else { return false }
        return now < 0.9 && now < pretrained + 0.1
      }
      if !idle.isEmpty {
        notes.append(
          "Beware: \(idle.joined(separator: ", ")) answers what the documents say hardly better than "
            + "the pretrained model, so it has not learned them; raise --epochs (they were "
            + "\(run.fineTuning.epochs)), or --learning-rate (it was \(rate))."
        )
      }
    }
    return notes
  }
}
