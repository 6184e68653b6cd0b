/// What a paper found about a dataset, to be compared with what a study finds.
///
/// Arms are called by their names, such as `fine-tuned`.
public struct Claim: Hashable, Sendable {
  /// The claim in words.
  public let sentence: String
  /// What has to hold for a study to agree.
  public let test: Test

  public init(_ sentence: String, _ test: Test) {
    self.sentence = sentence
    self.test = test
  }

  /// A condition on the accuracies of one split, unless it says otherwise.
  public enum Test: Hashable, Sendable {
    /// The arm is right nearly always.
    case nearCeiling(_ arm: String, _ split: Split)
    /// The arm is no better than guessing.
    case notAboveChance(_ arm: String, _ split: Split)
    /// The arm is neither better nor worse than guessing.
    case atChance(_ arm: String, _ split: Split)
    /// The arm is better than guessing.
    case aboveChance(_ arm: String, _ split: Split)
    /// The first arm is better than the second.
    case above(_ better: String, _ worse: String, _ split: Split)
    /// The first arm is as good as the second, or nearly, or better.
    case notFarBelow(_ arm: String, _ other: String, _ split: Split)
    /// The arm is worse on the first split than on the second.
    case harder(_ arm: String, _ harder: Split, _ easier: Split)
    /// From some number of queries on, the arm costs less than reading the facts at each one.
    case cheaper(_ arm: String)
  }

  /// What is claimed of all datasets, after their own claims.
  public static let ofEveryDataset = [
    Claim(
      "over many queries augmented fine-tuning is cheaper than reading every time",
      .cheaper("augmented"))
  ]
}
