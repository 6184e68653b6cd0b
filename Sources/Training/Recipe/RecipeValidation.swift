import Corpora
import Tokenization
import Transformer

extension Recipe {
  /// The largest value of each size of the model, so that no product of two overflows.
  private static let maxSize = 1 << 20
  /// The maximum number of tokens per step, so that a batch fits in memory.
  static let maxTokensPerStep = 1 << 24
  /// The maximum number of tokens per stage, so that no count of them overflows.
  static let maxTokensPerStage = 1 << 50
  /// The maximum number of stages, so that the sum of their tokens does not overflow.
  private static let maxStages = 1000

  /// Checks that every stage can be run.
  ///
  /// - Throws: `SettingsError` naming the setting, as the recipe's JSON spells it.
  public func validate() throws {
    for (name, value) in [
      ("vocabulary_size", vocabularySize), ("hidden_size", hiddenSize),
      ("intermediate_size", intermediateSize), ("layer_count", layerCount),
      ("head_count", headCount), ("context_length", contextLength),
    ] where value < 1 || value > Self.maxSize {
      throw SettingsError(
        "\(name) is \(value); it must lie between 1 and \(Self.maxSize)")
    }
    guard hiddenSize % (2 * headCount) == 0 else {
      throw SettingsError(
        "hidden_size (\(hiddenSize)) is not a multiple of twice head_count (\(headCount)), which "
          + "rotary positions need")
    }
    guard (257...Tokenizer.maxVocabularySize).contains(vocabularySize) else {
      throw SettingsError(
        "vocabulary_size is \(vocabularySize); it must lie between 257 (the bytes and the "
          + "end-of-text token) and \(Tokenizer.maxVocabularySize)")
    }
    do {
      try configuration.validate()
    } catch let error as ConfigurationError {
      throw SettingsError(error.description)
    }
    try optimizer.validate()
    guard !stages.isEmpty else { throw SettingsError("stages is empty; add a stage") }
    guard stages.count <= Self.maxStages else {
      throw SettingsError(
        "stages has \(stages.count) entries; at most \(Self.maxStages) are allowed")
    }
    try eachStage { stage in
      try stage.validate(contextLength: contextLength, layerCount: layerCount)
      try stage.mixture.validate()
    }
  }

  /// Checks that every stage can be run on a model, which need not be the recipe's own.
  ///
  /// - Throws: `SettingsError` naming the stage and the setting.
  func check(fits model: Configuration) throws {
    try eachStage {
      try $0.check(
        contextLength: ("the model's context", model.contextLength),
        layerCount: ("the model's layers", model.layerCount))
    }
  }

  private func eachStage(_ body: (Stage) throws -> Void) throws {
    for stage in stages {
      do {
        try body(stage)
      } catch let error as SettingsError {
        throw SettingsError("stage \"\(stage.name)\": \(error.description)")
      }
    }
  }
}

extension Recipe.Stage {
  fileprivate func validate(contextLength: Int, layerCount: Int) throws {
    guard tokens > 0, rowLength > 1, rowsPerStep > 0 else {
      throw SettingsError(
        "tokens (\(tokens)) and rows_per_step (\(rowsPerStep)) must be positive, row_length "
          + "(\(rowLength)) more than 1")
    }
    try check(
      contextLength: ("context_length", contextLength), layerCount: ("layer_count", layerCount))
    guard rowsPerStep <= Recipe.maxTokensPerStep / rowLength else {
      throw SettingsError(
        "row_length \(rowLength) times rows_per_step \(rowsPerStep) is more than "
          + "\(Recipe.maxTokensPerStep) tokens per step")
    }
    guard tokens <= Recipe.maxTokensPerStage else {
      throw SettingsError("tokens is more than \(Recipe.maxTokensPerStage)")
    }
    for (name, rate) in [("rate_at_start", rateAtStart), ("rate_at_end", rateAtEnd)]
    where !(rate.isFinite && rate >= 0) {
      throw SettingsError("\(name) is \(rate); it must be a number from 0 up")
    }
  }

  /// Checks that a model is large enough for the stage; an error calls its sizes by their names.
  fileprivate func check(
    contextLength: (name: String, value: Int), layerCount: (name: String, value: Int)
  ) throws {
    guard rowLength <= contextLength.value else {
      throw SettingsError(
        "row_length is \(rowLength), longer than \(contextLength.name) (\(contextLength.value))")
    }
    let limit = "\(layerCount.name) (\(layerCount.value))"
    if let layers, !(1...layerCount.value).contains(layers) {
      throw SettingsError("layers is \(layers); it must lie between 1 and \(limit)")
    }
    if let loop, loop.lowerBound < 1 || loop.upperBound > layerCount.value {
      throw SettingsError(
        "loop is \(loop.lowerBound) to \(loop.upperBound); it must lie between 1 and \(limit)")
    }
  }
}

extension OptimizerSettings {
  func validate() throws {
    for (name, value) in [
      ("learning_rate", learningRate), ("muon_learning_rate", muonLearningRate ?? 0),
      ("weight_decay", weightDecay),
    ] where !(value.isFinite && value >= 0) {
      throw SettingsError("optimizer.\(name) is \(value); it must be a number from 0 up")
    }
    for (name, value) in [("beta1", beta1), ("beta2", beta2)] where !(0..<1).contains(value) {
      throw SettingsError(
        "optimizer.\(name) is \(value); it must be at least 0 and less than 1")
    }
    for (name, value) in [
      ("epsilon", epsilon), ("maximum_gradient_norm", maximumGradientNorm),
    ] where !(value > 0) {
      throw SettingsError("optimizer.\(name) is \(value); it must be positive")
    }
  }
}

extension Mixture {
  /// Checks what `DocumentStream` and `MentionPlan` require.
  fileprivate func validate() throws {
    for kind in DocumentKind.all where !(self[kind].isFinite && self[kind] >= 0) {
      throw SettingsError(
        "mixture.\(kind.name) is \(self[kind]); it must be a number from 0 up")
    }
    guard total > 0, total.isFinite else {
      throw SettingsError(
        "mixture: \(DocumentKind.all.map(\.name).joined(separator: ", ")) add up to \(total); "
          + "one must be positive")
    }
    for (name, share) in [
      ("plain", plain), ("conclusions", conclusions), ("half_way", halfWay), ("retold", retold),
      ("alike", alike), ("deep", deep), ("facts_first", factsFirst),
    ] where !(0...1).contains(share) {
      throw SettingsError("mixture.\(name) is \(share); it must lie between 0 and 1")
    }
    guard facts.lowerBound >= 1, facts.upperBound <= DocumentStream.maxFacts else {
      throw SettingsError(
        "mixture.facts is \(facts.lowerBound) to \(facts.upperBound); it must lie between 1 and "
          + "\(DocumentStream.maxFacts)")
    }
    guard sentenceLimit >= 1 else {
      throw SettingsError("mixture.sentence_limit is \(sentenceLimit); it must be positive")
    }
  }
}
