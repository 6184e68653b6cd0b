extension Arm {
  /// Sees nothing: at chance, or the facts are not new.
  public static let pretrained = Arm(
    name: "pretrained", summary: "control: sees nothing", isControl: true
  ) { bench in
    Prepared(model: bench.model)
  }
}
