extension QuestionDraft {
  /// What was drafted and what was left out, a line for each.
  public var report: [String] {
    let counts = [Split.trained, .reversed].map { split in
      "\(questions.count { $0.split == split }) \(split.rawValue)"
    }
    var lines = [
      "drafted \(counts.joined(separator: " and ")) questions from "
        + "\(documentCount - documentsWithout) of \(documentCount) "
        + "document\(documentCount == 1 ? "" : "s")"
    ]
    if documentsWithout > 0 {
      lines.append(
        "\(documentsWithout) document\(documentsWithout == 1 ? "" : "s") gave no question of "
          + "\(documentsWithout == 1 ? "its" : "their") own")
    }
    for (kind, count) in lacking {
      lines.append(
        "\(count) possible question\(count == 1 ? " was" : "s were") left out: too few other "
          + "documents hold \(kind) like the right one")
    }
    if !questions.isEmpty {
      lines.append(
        "patterns found them, and nothing here understands the documents: read and edit every "
          + "question; write by hand those whose answers follow from several documents (split "
          + "\"deduced\")")
    }
    return lines
  }
}
