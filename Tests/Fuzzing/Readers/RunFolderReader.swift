import Foundation

@testable import Training

extension FuzzedReader {
  /// A run folder: `config.json`, a checkpoint's `state.json`, and `metrics.jsonl`.
  public static let runFolder = FuzzedReader("run-folder") { bytes in
    let url = try emptyFolder("run-folder")
    let names = ["config.json", "state.json", "metrics.jsonl"]
    for (name, part) in zip(names, parts(of: bytes)) {
      try Data(part).write(to: url.appendingPathComponent(name))
    }
    let (folder, settings) = try RunFolder.open(url)
    let stepCounts = settings.recipe?.stages.map(\.steps) ?? [100]
    var state = try TrainingState(
      contentsOf: url.appendingPathComponent("state.json"), stepCounts: stepCounts)
    // What a step does to it.
    if state.stage < stepCounts.count {
      state.add(tokens: Recipe.maxTokensPerStep, loss: 1, gradientNorm: 1, seconds: 1)
    }
    try folder.truncateMetrics(after: state.step)
  }
}
