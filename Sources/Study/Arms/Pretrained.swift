extension Arm {
  /// Sees nothing: at chance, or the facts are not new.
  public static let pretrained = Arm(
    name: "pretrained", summary: "control: sees nothing", isControl: true
  ) { trial in
    PreparedModel(model: trial.model)
  }
}
