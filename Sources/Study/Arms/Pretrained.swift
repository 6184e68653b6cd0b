extension Arm {
  /// A control that sees no facts: if it is not at chance, the facts are not new.
  public static let pretrained = Arm(
    name: "pretrained", summary: "control: sees nothing", facts: .nowhere, role: .pretrained
  ) { work in
    PreparedModel(model: work.trial.model)
  }
}
