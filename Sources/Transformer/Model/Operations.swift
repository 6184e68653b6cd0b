extension Configuration {
  /// Floating-point operations of a forward pass: two for each token and number of every matrix,
  /// and attention's two products. Training takes three times as many (Kaplan et al. 2020,
  /// arXiv 2001.08361).
  ///
  /// - Parameters:
  ///   - tokens: how many run through the model.
  ///   - context: the tokens that each of them attends to, on average.
  public func operations(tokens: Double, context: Double) -> Double {
    var layer = self
    layer.layerCount = 1
    let layerMatrices = ParameterLayout(layer).matrices.reduce(0) { $0 + $1.outputs * $1.inputs }
    let matrices = layerCount * layerMatrices + hiddenSize * vocabularySize
    return tokens * (2 * Double(matrices) + 4 * Double(layerCount * queryWidth) * context)
  }
}
