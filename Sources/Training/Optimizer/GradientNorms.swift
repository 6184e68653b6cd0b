/// A step whose gradient was more than ten times as long as usual.
public struct GradientSpike: Codable, Equatable, Sendable {
  public let step: Int
  public let gradientNorm: Double
  /// The median length in the steps before.
  public let median: Double
}

/// The gradient's lengths in a stage's last steps: they tell a step that is far out of the ordinary.
struct GradientNorms: Codable, Equatable, Sendable {
  /// Steps that the median is of.
  static let window = 64
  /// With fewer steps before it no step is called a spike.
  static let fewest = 16
  static let factor = 10.0

  private var recent: [Double] = []

  /// Adds the length at one step.
  ///
  /// - Returns: the step where it is a spike.
  mutating func add(_ norm: Double, step: Int) -> GradientSpike? {
    defer {
      if recent.count >= Self.window { recent.removeFirst(recent.count - Self.window + 1) }
      recent.append(norm)
    }
    guard recent.count >= Self.fewest else { return nil }
    let median = recent.sorted()[recent.count / 2]
    guard norm > Self.factor * median else { return nil }
    return GradientSpike(step: step, gradientNorm: norm, median: median)
  }

  /// As the bare list, so that a run's state stays readable.
  init(from decoder: any Decoder) throws { recent = try [Double](from: decoder) }
  func encode(to encoder: any Encoder) throws { try recent.encode(to: encoder) }
  init() {}
}
