extension Configuration {
  /// Floating-point operations of running tokens forward, each of which sees so many others: two a
  /// parameter of every matrix, and attention's two products. Training takes three times as many
  /// (Kaplan et al. 2020, arXiv 2001.08361).
  public func operations(tokens: Double, context: Double) -> Double {
    let matrices =
      layerCount
      * (2 * hiddenSize * queryWidth + 2 * hiddenSize * keyValueHeadCount * headSize
        + 3 * hiddenSize * intermediateSize) + hiddenSize * vocabularySize
    return tokens * (2 * Double(matrices) + 4 * Double(layerCount * queryWidth) * context)
  }
}
