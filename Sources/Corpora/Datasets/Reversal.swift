extension Dataset {
  /// The *simple reversals* of Lampinen et al. 2025.
  public static let reversal = Dataset(
    name: "reversal",
    summary: "comparisons and their reversals: \"femp are more rony than glon.\"",
    unit: "comparison", units: "comparisons", standardSize: 100, choiceCount: 2,
    isInPaper: true,
    claims: [
      Claim(
        "in-context is above fine-tuned on reversed questions",
        .above("in-context", "fine-tuned", .reversed)),
      Claim(
        "augmented is above fine-tuned on reversed questions",
        .above("augmented", "fine-tuned", .reversed)),
      Claim(
        "augmented is as good as in-context on reversed questions, or better",
        .notFarBelow("augmented", "in-context", .reversed)),
    ],
    pretraining: .comparisons,
    probes: [.init(.reversed, size: 8), .init(.reversed, size: 100)]
  ) { seed, size throws(CorpusError) in
    try ReversalWorld(seed: seed, factCount: size, attributeCount: max(1, size * 28 / 100))
  }
}
