extension Arm {
  /// The facts are in the weights, nothing in the prompt.
  public static let fineTuned = Arm(
    name: "fine-tuned", summary: "facts in the weights", facts: .weights, role: .fineTuning,
    usesFineTuned: true
  ) { work in
    try work.fineTuned()
  }
}
