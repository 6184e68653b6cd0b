extension Arm {
  /// Fine-tuned on the documents and on both kinds of inferences.
  public static let augmented = Arm(
    name: "augmented", summary: "facts and both kinds of inferences in the weights", trains: true
  ) { bench in
    try trained("augmented", on: bench.lessons, and: bothKinds(bench), bench)
  }

  static func bothKinds(_ bench: Bench) throws -> Written {
    try bench.localSentences() + bench.globalSentences()
  }
}
