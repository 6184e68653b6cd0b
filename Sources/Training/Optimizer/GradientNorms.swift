/// A step whose gradient was more than ten times as long as usual.
public struct GradientSpike: Codable, Equatable, Sendable {
  public let step: Int
  public let gradientNorm: Double
  /// The median norm of the steps before.
  public let median: Double
}

/// The gradient norms of a stage's last steps, which show whether the next is far above the usual.
struct GradientNorms: Codable, Equatable, Sendable {
  /// The number of steps whose median is taken.
  static let window = 64
  /// A step with fewer steps before it is never called a spike.
  static let minSteps = 16
  static let factor = 10.0

  private var recent: [Double] = []

  /// Adds the norm of one step.
  ///
  /// - Returns: the step, if it is a spike.
  mutating func add(_ norm: Double, step: Int) -> GradientSpike? {
    defer {
      if recent.count >= Self.window { recent.removeFirst(recent.count - Self.window + 1) }
      recent.append(norm)
    }
    guard recent.count >= Self.minSteps else { return nil }
    let median = recent.sorted()[recent.count / 2]
    guard norm > Self.factor * median else { return nil }
    return GradientSpike(step: step, gradientNorm: norm, median: median)
  }

  /// Reads a plain list, which keeps a run's state readable.
  init(from decoder: any Decoder) throws { recent = try [Double](from: decoder) }
  func encode(to encoder: any Encoder) throws { try recent.encode(to: encoder) }
  init() {}
}
