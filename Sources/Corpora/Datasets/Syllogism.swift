extension Dataset {
  /// The *simple syllogisms* of Lampinen et al. 2025.
  public static let syllogism = Dataset(
    name: "syllogism",
    summary: "two premises and their conclusion: \"All glon are yomp. All troff are glon.\"",
    unit: "syllogism", units: "syllogisms", standardSize: 69, choiceCount: 6, isInPaper: true,
    claims: [
      Claim("the pretrained model is at chance", .atChance("pretrained", .deduced)),
      Claim("fine-tuned is above chance", .aboveChance("fine-tuned", .deduced)),
      Claim(
        "in-context is much stronger than fine-tuned",
        .above("in-context", "fine-tuned", .deduced)),
      Claim(
        "augmented is better than fine-tuned", .above("augmented", "fine-tuned", .deduced)),
    ],
    pretraining: .syllogisms,
    probes: [.init(.deduced, size: 2), .init(.deduced, size: 12), .init(.deduced, size: 69)]
  ) { seed, size throws(CorpusError) in
    try SyllogismWorld(seed: seed, exampleCount: size)
  }
}
