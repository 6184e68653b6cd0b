extension Arm {
  /// Sees nothing: at chance, or the facts are not new.
  public static let pretrained = Arm(
    name: "pretrained", summary: "control: sees nothing", facts: .nowhere, role: .pretrained
  ) { work in
    PreparedModel(model: work.trial.model)
  }
}
