import Foundation
import Training

extension FuzzedReader {
  /// A recipe, and the sums of its stages.
  public static let recipe = FuzzedReader("recipe") { bytes in
    let file = try emptyFolder("recipe").appendingPathComponent("recipe.json")
    try Data(bytes).write(to: file)
    let recipe = try Recipe(contentsOf: file)
    precondition(recipe.totalTokens > 0)
  }
}
