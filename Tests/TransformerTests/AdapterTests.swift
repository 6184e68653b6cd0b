import Kernels
import Randomness
import Testing

@testable import Transformer

struct AdapterTests {
  /// An adapter with random numbers everywhere, in B too.
  private func randomAdapter(
    on model: Model, _ settings: AdapterSettings? = nil
  ) throws -> Adapter {
    let adapter = try Adapter(
      settings ?? AdapterPlan(rank: 3, alpha: 5).settings(on: model.configuration),
      on: model.configuration)
    var random = RandomGenerator(seed: 21)
    for entry in adapter.entries {
      adapter.parameters.slice(entry.offset, entry.count)
        .fillNormal(deviation: 0.3 / Float(entry.shape[1]).squareRoot(), using: &random)
    }
    return adapter
  }

  private func lossAndGradients(
    _ model: Model, _ adapter: Adapter?, _ batch: Batch, recomputes: Bool = false,
    tokensPerChunk: Int = 16, layerCount: Int? = nil
  ) -> (loss: Double, gradients: [Float]) {
    let pass = TrainingPass(
      model, adapter: adapter, tokensPerChunk: tokensPerChunk,
      rowLength: batch.rows.map(\.count).max() ?? 1, recomputes: recomputes)
    let arena = GradientArena(model, adapter: adapter)
    let loss = pass.accumulate(
      batch, rows: batch.rows.indices, gradients: arena.sums, gradientScale: 0.5,
      layerCount: layerCount)
    return (loss, arena.floats.array)
  }

  /// Which matrices of a model an adapter changes.
  enum Choice: CaseIterable {
    case all, everyThird
    /// One matrix of one layer, by a product of more rows than it has.
    case last
    /// Ranks and alphas that differ, down to negative ones, and rank-stabilised.
    case mixed

    func settings(on configuration: Configuration) throws -> AdapterSettings {
      let all = try AdapterPlan(rank: 3, alpha: 5).settings(on: configuration)
      var chosen = all
      switch self {
      case .all: break
      case .everyThird:
        chosen.targets = stride(from: 0, to: all.targets.count, by: 3).map { all.targets[$0] }
      case .last:
        chosen.targets = [
          AdapterSettings.Target(matrix: all.targets.last!.matrix, rank: 90, alpha: 7)
        ]
      case .mixed:
        chosen.isRankStabilized = true
        for index in all.targets.indices {
          chosen.targets[index].rank = 1 + index % 5
          chosen.targets[index].alpha = Float(index % 4) - 1.5
        }
      }
      return chosen
    }
  }

  /// With W + s · B · A in place of W, a gradient D of the sum is s · Bᵀ · D for A and s · D · Aᵀ
  /// for B.
  @Test(arguments: ModelFamily.all, Choice.allCases)
  func `gradients follow from those of the merged model`(
    family: ModelFamily, choice: Choice
  ) throws {
    let model = try randomModel(family)
    let settings = try choice.settings(on: model.configuration)
    let adapter = try randomAdapter(on: model, settings)
    let batch = randomBatch(5, rowLength: 7, of: model, seed: 31)
    let merged = model.copy()
    adapter.merge(into: merged)
    #expect(merged.parameters.array != model.parameters.array)

    let (loss, gradients) = lossAndGradients(model, adapter, batch)
    let (mergedLoss, full) = lossAndGradients(merged, nil, batch)
    #expect(abs(loss / mergedLoss - 1) < 1e-6)
    #expect(adapter.entries.count == 2 * settings.targets.count)
    let numbers = adapter.parameters.array.map(Double.init)
    for (a, b) in stride(from: 0, to: adapter.entries.count, by: 2)
      .map({ (adapter.entries[$0], adapter.entries[$0 + 1]) })
    {
      let name = a.name.replacing(".lora_A", with: "")
      let entry = try #require(model.layout.entries.first { $0.name == name })
      let (rank, inputs, outputs) = (a.shape[0], a.shape[1], b.shape[0])
      #expect(entry.shape == [outputs, inputs])
      let target = try #require(settings.targets.first { name.hasPrefix($0.matrix + ".") })
      let divisor = settings.isRankStabilized ? Double(rank).squareRoot() : Double(rank)
      let scale = Double(target.alpha) / divisor
      #expect(rank == target.rank)
      var (byA, byB) = (
        [Double](repeating: 0, count: a.count), [Double](repeating: 0, count: b.count)
      )
      for output in 0..<outputs {
        for input in 0..<inputs {
          let d = scale * Double(full[entry.offset + output * inputs + input])
          for r in 0..<rank {
            byA[r * inputs + input] += numbers[b.offset + output * rank + r] * d
            byB[output * rank + r] += d * numbers[a.offset + r * inputs + input]
          }
        }
      }
      #expect(deviation(Array(gradients[a.range]), from: byA) < 1e-4, "\(a.name)")
      #expect(deviation(Array(gradients[b.range]), from: byB) < 1e-4, "\(b.name)")
    }
  }

  @Test func `a fresh adapter changes nothing and its a has no gradient`() throws {
    let model = try randomModel()
    let adapter = try Adapter(AdapterPlan(rank: 2, alpha: 4), on: model.configuration)
    adapter.initialize(seed: 5)
    let batch = randomBatch(3, rowLength: 7, of: model, seed: 32)
    let (loss, gradients) = lossAndGradients(model, adapter, batch)
    #expect(loss == lossAndGradients(model, nil, batch).loss)
    for entry in adapter.entries {
      let isA = entry.name.hasSuffix("lora_A.weight")
      let numbers = adapter.parameters.slice(entry.offset, entry.count).array
      #expect(numbers.contains { $0 != 0 } == isA)
      let bound = 1 / Float(entry.shape[1]).squareRoot()
      #expect(!isA || numbers.allSatisfy { abs($0) <= bound })
      #expect(gradients[entry.range].contains { $0 != 0 } == !isA, "\(entry.name)")
    }
    let other = try Adapter(AdapterPlan(rank: 2, alpha: 4), on: model.configuration)
    other.initialize(seed: 6)
    #expect(other.parameters.array != adapter.parameters.array)
  }

  @Test(arguments: ModelFamily.all, [nil, 1, 2])
  func `recomputed layers give the same bits`(
    family: ModelFamily, layerCount: Int?
  ) throws {
    let model = try randomModel(family, tied: true, layerCount: 3)
    let batch = randomBatch(6, rowLength: 7, of: model, seed: 33)
    for adapter in [nil, try randomAdapter(on: model)] {
      let kept = lossAndGradients(model, adapter, batch, layerCount: layerCount)
      let again = lossAndGradients(
        model, adapter, batch, recomputes: true, layerCount: layerCount)
      #expect(again.loss == kept.loss)
      #expect(again.gradients == kept.gradients)
      #expect(kept.gradients.contains { $0 != 0 })
    }
  }

  @Test func `a plan that does not fit is refused`() throws {
    let configuration = try randomModel().configuration
    for (settings, word) in [
      (AdapterPlan(rank: 0, alpha: 1), "rank is 0"),
      (AdapterPlan(rank: 21, alpha: 1), "between 1 and 20"),
      (AdapterPlan(rank: 2, alpha: 0), "alpha is 0"),
      (AdapterPlan(rank: 2, alpha: .infinity), "alpha"),
      (AdapterPlan(rank: 2, alpha: 1, targets: []), "targets"),
      (AdapterPlan(rank: 2, alpha: 1, targets: ["up_proj", "up_proj"]), "each once"),
      (AdapterPlan(rank: 2, alpha: 1, targets: ["c_attn"]), "c_attn is no matrix"),
    ] {
      let error = #expect(throws: ConfigurationError.self) {
        try Adapter(settings, on: configuration)
      }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `settings that do not fit are refused`() throws {
    let configuration = try randomModel().configuration
    let good = try AdapterPlan(rank: 2, alpha: 1).settings(on: configuration).targets
    func changed(_ change: (inout AdapterSettings.Target) -> Void) -> [AdapterSettings.Target] {
      var targets = good
      change(&targets[1])
      return targets
    }
    for (targets, word) in [
      ([], "no matrix"), (good + [good[0]], "twice"),
      (changed { $0.matrix = "model.layers.9.mlp.up_proj" }, "layers.9"),
      (changed { $0.rank = 0 }, "rank is 0"), (changed { $0.rank = .max }, "between 1 and"),
      (changed { $0.alpha = .nan }, "alpha is nan"),
    ] {
      let error = #expect(throws: ConfigurationError.self) {
        try Adapter(AdapterSettings(targets: targets), on: configuration)
      }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test func `PEFT finds the targets, and no others, by the names of modules`() throws {
    let configuration = try randomModel().configuration
    var settings = try AdapterPlan(rank: 1, alpha: 1, targets: ["v_proj", "k_proj"])
      .settings(on: configuration)
    #expect(try Adapter(settings, on: configuration).moduleNames == ["k_proj", "v_proj"])
    let removed = settings.targets.removeLast()
    let names = try Adapter(settings, on: configuration).moduleNames
    #expect(names == settings.targets.map(\.matrix))
    #expect(!names.contains(removed.matrix))
  }
}
