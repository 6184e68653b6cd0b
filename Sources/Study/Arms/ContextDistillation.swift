extension Arm {
  /// Fine-tuned on what the model says with the facts in its prompt, and on no document: its own
  /// reading is poured into the weights (Snell et al. 2022, *Learning by Distilling Context*, arXiv
  /// 2209.15189, with sampled targets).
  public static let contextDistillation = Arm(
    name: "context-distillation", summary: "only what it says when it reads, in the weights",
    trains: true
  ) { bench in
    var settings = bench.augmentation
    settings.sentencesPerFact *= 2
    return try trained(
      "context-distillation", on: [], and: settings.free(bench), bench)
  }
}
