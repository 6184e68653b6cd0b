import Corpora
import Foundation
import ModelFiles
import Support
import TestSupport
import Testing
import Transformer

@testable import Training

@Suite struct RecipeTests {
  /// A recipe as `train --print-recipe` prints it.
  private static func json(_ recipe: Recipe) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(recipe), as: UTF8.self)
  }

  private static func read(_ json: String) throws -> Recipe {
    var recipe: Recipe?
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("mine.json")
      try Data(json.utf8).write(to: file)
      recipe = try Recipe(contentsOf: file)
    }
    return try #require(recipe)
  }

  @Test(arguments: [Recipe.standard, .tiny])
  func `a recipe is the same after encoding and decoding`(recipe: Recipe) throws {
    #expect(try Self.read(Self.json(recipe)) == recipe)
  }

  @Test func `the recipes of the repository can be run`() throws {
    let folder = URL(fileURLWithPath: #filePath + "/../../../models/recipes").standardizedFileURL
    let files = try names(in: folder)
    #expect(files.contains("reversal.json"))
    for file in files {
      #expect(throws: Never.self, "\(file)") {
        try Recipe(contentsOf: folder.appendingPathComponent(file))
      }
    }
  }

  @Test func `the standard recipe can be run`() throws {
    try Recipe.standard.validate()
    #expect(Recipe.standard.totalTokens >= Recipe.standard.stages.reduce(0) { $0 + $1.tokens })
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let old, new, mentions: String
    var testDescription: String { mentions }
  }

  @Test(arguments: [
    Damage(old: "\"row_length\":32,", new: "", mentions: "stages[0].row_length is missing"),
    Damage(
      old: "\"row_length\":64", new: "\"row_length\":\"64\"",
      mentions: "stages[1].row_length must be a whole number; correct it"),
    Damage(old: "\"facts\":[1,3]", new: "\"facts\":[3,1]", mentions: "stages[1].mixture.facts"),
    Damage(old: "\"facts\":[1,3]", new: "\"facts\":[1]", mentions: "stages[1].mixture.facts"),
    Damage(old: "\"seed\":7", new: "\"seed\":-7", mentions: "seed is -7, which does not fit"),
    Damage(
      old: "\"learning_rate\":0.01", new: "\"learning_rate\":null",
      mentions: "optimizer.learning_rate is missing or null"),
    Damage(old: "\"head_count\":2", new: "\"head_count\":0", mentions: "head_count is 0"),
    Damage(
      old: "\"name\":", new: "\"lop\":[1,2],\"name\":", mentions: "stages[0].lop is not known"),
    Damage(
      old: "\"facts\":[1,3]", new: "\"facts\":[1,3],\"halfway\":1",
      mentions: "stages[1].mixture.halfway is not known"),
    Damage(old: "{", new: "{\"Seed\":8,", mentions: "Seed is not known"),
    Damage(old: "{", new: "", mentions: "is not valid JSON"),
  ])
  func `a broken file is named with its setting`(damage: Damage) throws {
    var json = try Self.json(.tiny)
    let place = try #require(json.range(of: damage.old))
    json.replaceSubrange(place, with: damage.new)
    let error = #expect(throws: FileError.self) { try Self.read(json) }
    #expect(error?.path.hasSuffix("/mine.json") == true)
    #expect(error?.problem.contains(damage.mentions) == true, "\(error?.problem ?? "")")
  }

  @Test func `a file that is missing, a folder or empty is named`() throws {
    try withTemporaryFolder { folder in
      let empty = folder.appendingPathComponent("empty.json")
      try Data().write(to: empty)
      for (url, problem) in [
        (folder.appendingPathComponent("none.json"), "is missing"), (folder, "is a folder"),
        (empty, "is not valid JSON"),
      ] {
        let error = #expect(throws: FileError.self) { try Recipe(contentsOf: url) }
        #expect(error?.path == url.path)
        #expect(error?.problem.contains(problem) == true)
      }
    }
  }

  /// A change that makes `Recipe.tiny` invalid, and the setting that the error must name.
  struct Nonsense: Sendable, CustomTestStringConvertible {
    let setting: String
    let change: @Sendable (inout Recipe) -> Void
    var testDescription: String { setting }

    init(_ setting: String, _ change: @escaping @Sendable (inout Recipe) -> Void) {
      self.setting = setting
      self.change = change
    }
  }

  static let nonsense = [
    Nonsense("stages is empty") { $0.stages = [] },
    Nonsense("row_length is 97, longer") { $0.stages[1].rowLength = 97 },
    Nonsense("layers is 3") { $0.stages[1].layers = 3 },
    Nonsense("layers is 0") { $0.stages[0].layers = 0 },
    Nonsense("loop is 1 to 3") { $0.stages[1].loop = 1...3 },
    Nonsense("loop is 0 to 1") { $0.stages[0].loop = 0...1 },
    Nonsense("row_length (1)") { $0.stages[0].rowLength = 1 },
    Nonsense("tokens (-5)") { $0.stages[0].tokens = -5 },
    Nonsense("tokens (0)") { $0.stages[0].tokens = 0 },
    Nonsense("tokens is more") { $0.stages[0].tokens = .max },
    Nonsense("rows_per_step (0)") { $0.stages[0].rowsPerStep = 0 },
    Nonsense("rows_per_step \(Int.max)") { $0.stages[0].rowsPerStep = .max },
    Nonsense("rate_at_start") { $0.stages[0].rateAtStart = .nan },
    Nonsense("rate_at_end") { $0.stages[0].rateAtEnd = -1 },
    Nonsense("add up to 0") {
      $0.stages[0].mixture[.shortFacts] = 0
      $0.stages[0].mixture[.copying] = 0
    },
    Nonsense("mixture.copying") { $0.stages[0].mixture[.copying] = -1 },
    Nonsense("mixture.syllogisms") { $0.stages[0].mixture[.syllogisms] = .infinity },
    Nonsense("mixture.hierarchies") { $0.stages[0].mixture[.hierarchies] = .nan },
    Nonsense("mixture.families") { $0.stages[0].mixture[.families] = -1 },
    Nonsense("mixture.identities") { $0.stages[0].mixture[.identities] = -0.5 },
    Nonsense("mixture.plain") { $0.stages[0].mixture.plain = 1.5 },
    Nonsense("add up to inf") {
      $0.stages[0].mixture[.shortFacts] = .greatestFiniteMagnitude
      $0.stages[0].mixture[.copying] = .greatestFiniteMagnitude
    },
    Nonsense("mixture.facts is 0 to 2") { $0.stages[0].mixture.facts = 0...2 },
    Nonsense("mixture.facts is 1 to 2001") {
      $0.stages[0].mixture.facts = 1...(DocumentStream.maxFacts + 1)
    },
    Nonsense("mixture.facts_first") { $0.stages[0].mixture.factsFirst = .nan },
    Nonsense("mixture.sentence_limit") { $0.stages[0].mixture.sentenceLimit = 0 },
    Nonsense("optimizer.learning_rate") { $0.optimizer.learningRate = .nan },
    Nonsense("optimizer.muon_learning_rate") { $0.optimizer.muonLearningRate = .infinity },
    Nonsense("optimizer.beta1") { $0.optimizer.beta1 = 1 },
    Nonsense("optimizer.beta2") { $0.optimizer.beta2 = -0.1 },
    Nonsense("optimizer.epsilon") { $0.optimizer.epsilon = 0 },
    Nonsense("optimizer.maximum_gradient_norm") { $0.optimizer.maximumGradientNorm = .nan },
    Nonsense("optimizer.weight_decay") { $0.optimizer.weightDecay = -1 },
    Nonsense("vocabulary_size is 256") { $0.vocabularySize = 256 },
    Nonsense("hidden_size is 0") { $0.hiddenSize = 0 },
    Nonsense("hidden_size (18)") { $0.hiddenSize = 18 },
    Nonsense("head_count") { $0.headCount = .max },
    Nonsense("layer_count is -1") { $0.layerCount = -1 },
    Nonsense("context_length") { $0.contextLength = .max },
    Nonsense("rope_theta") { $0.ropeTheta = 0 },
  ]

  @Test(arguments: nonsense)
  func `an invalid recipe is refused before any work`(nonsense: Nonsense) throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe.tiny
      nonsense.change(&recipe)
      let error = #expect(throws: SettingsError.self) { try recipe.validate() }
      #expect(
        error?.description.contains(nonsense.setting) == true, "\(error?.description ?? "")")
      let run = folder.appendingPathComponent("run")
      #expect(throws: SettingsError.self) {
        try Trainer(recipe: recipe, workerCount: 1, folder: run)
      }
      #expect(!FileManager.default.fileExists(atPath: run.path))
    }
  }

  @Test func `the limits themselves are allowed`() throws {
    var recipe = Recipe.tiny
    recipe.stages[0].rowLength = recipe.contextLength
    recipe.stages[0].mixture.facts = 1...DocumentStream.maxFacts
    recipe.stages[0].mixture.factsFirst = 1
    recipe.stages[0].rateAtEnd = 0
    recipe.vocabularySize = 257
    try recipe.validate()
  }

  @Test func `the rates change linearly from the stage's start to its end`() {
    var stage = Recipe.tiny.stages[1]
    stage.rateAtStart = 0.5
    stage.rateAtEnd = 0.1
    #expect(stage.steps == 5)
    #expect(stage.rateScale(step: 0) == 0.5)
    #expect(abs(stage.rateScale(step: 2) - 0.3) < 1e-6)
    #expect(abs(stage.rateScale(step: 4) - 0.1) < 1e-6)
    stage.tokens = 1
    #expect(stage.steps == 1)
    #expect(stage.rateScale(step: 0) == 0.5)
  }

  @Test func `a stage takes whole steps, so that no token is left out`() {
    var recipe = Recipe.tiny
    recipe.stages[0].tokens = 97
    #expect(recipe.stages[0].tokensPerStep == 96)
    #expect(recipe.stages[0].steps == 2)
    #expect(recipe.totalTokens == 2 * 96 + 5 * 192)
  }
}
