import Foundation
import Kernels
import Support
import TestSupport
import Testing
import Transformer

@testable import ModelFiles

@Suite struct AdapterFolderTests {
  private func withAdapter(_ body: (_ folder: URL, Adapter, Configuration) throws -> Void) throws {
    let configuration = try Model.tiny(vocabularySize: 300, contextLength: 32).configuration
    let adapter = try Adapter(
      AdapterPlan(rank: 2, alpha: 3, targets: ["v_proj", "down_proj"]), on: configuration)
    adapter.initialize(seed: 4)
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("adapter")
      try AdapterFolder.write(adapter, base: "some/model", card: "# Card\n", to: url)
      try body(url, adapter, configuration)
    }
  }

  @Test func `an adapter is read as it was written, in PEFT's names`() throws {
    try withAdapter { url, adapter, configuration in
      let again = try AdapterFolder.read(url, on: configuration)
      #expect(again.settings == adapter.settings)
      #expect(again.parameters.array == adapter.parameters.array)
      let tensors = try Safetensors(
        contentsOf: url.appendingPathComponent(AdapterFolder.parametersName))
      let name = "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight"
      #expect(try tensors.tensor(named: name).shape == [2, configuration.intermediateSize])
      let text = try String(
        contentsOf: url.appendingPathComponent(AdapterFolder.configurationName), encoding: .utf8)
      #expect(text.contains("\"base_model_name_or_path\" : \"some/model\""))
      // Writing replaces an adapter, but no other folder.
      try AdapterFolder.write(adapter, base: "b", card: "", to: url)
      try Data().write(to: url.appendingPathComponent("mine.txt"))
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.write(adapter, base: "b", card: "", to: url)
      }
      #expect(error?.problem.contains("mine.txt") == true)
    }
  }

  @Test func `numbers that are not finite are not written`() throws {
    try withAdapter { url, adapter, _ in
      adapter.parameters[5] = .nan
      #expect(throws: (any Error).self) {
        try AdapterFolder.write(adapter, base: "b", card: "", to: url)
      }
    }
  }

  @Test(arguments: [
    (#""peft_type" : "LORA""#, #""peft_type" : "IA3""#, "peft_type"),
    (#""bias" : "none""#, #""bias" : "all""#, "bias"),
    (#""use_dora" : false"#, #""use_dora" : true"#, "use_dora"),
    (#""use_dora" : false"#, #""modules_to_save" : ["lm_head"]"#, "modules_to_save"),
    (#""use_dora" : false"#, #""task_type_2" : "a""#, "task_type_2"),
    (#""CAUSAL_LM""#, #""SEQ_CLS""#, "task_type"),
    (#""use_dora" : false"#, #""init_lora_weights" : "pissa""#, "init_lora_weights"),
    (#""use_dora" : false"#, #""init_lora_weights" : "pissa_niter_4""#, "pissa_niter_4"),
    (#""use_dora" : false"#, #""init_lora_weights" : "olora""#, "merge_and_unload"),
    (#""use_dora" : false"#, #""init_lora_weights" : "corda""#, "corda"),
    (#""use_dora" : false"#, #""init_lora_weights" : "lora_ga""#, "lora_ga"),
    (#""use_dora" : false"#, #""init_lora_weights" : "loftq""#, "loftq"),
    (#""use_dora" : false"#, #""alora_invocation_tokens" : [300]"#, "alora_invocation_tokens"),
    (#""use_dora" : false"#, #""use_qalora" : true"#, "use_qalora"),
    (#""use_dora" : false"#, #""trainable_token_indices" : [3]"#, "trainable_token_indices"),
    (#""use_dora" : false"#, #""lora_bias" : true"#, "lora_bias"),
    (#""use_dora" : false"#, #""megatron_config" : {"a": 1}"#, "megatron_config"),
    (#""use_dora" : false"#, #""layer_replication" : [[0, 1]]"#, "layer_replication"),
    (#""use_dora" : false"#, #""target_parameters" : ["a"]"#, "target_parameters"),
    (#""use_dora" : false"#, #""a_new_feature" : 1"#, "a_new_feature"),
    (#""use_dora" : false"#, #""layers_to_transform" : [1]"#, "does not name the target"),
    (#""use_dora" : false"#, #""exclude_modules" : ["down_proj"]"#, "does not name the target"),
    (#""use_dora" : false"#, #""layers_to_transform" : "a""#, "layers_to_transform"),
    (#""use_dora" : false"#, #""rank_pattern" : {"v_proj": 4}"#, "rank is 4"),
    (#""use_dora" : false"#, #""rank_pattern" : {"v_proj": "a"}"#, "rank_pattern.v_proj"),
    (#""use_dora" : false"#, #""alpha_pattern" : {"(v_proj": 4}"#, "(v_proj"),
    (#""use_dora" : false"#, #""alpha_pattern" : {"v_proj": 1e99}"#, "finite"),
    (#""r" : 2"#, #""r" : 0"#, "rank is 0"), (#""r" : 2"#, #""r" : 3"#, "rank is 3"),
    (#""r" : 2"#, #""r" : "two""#, "r must be a whole number"),
    (#""r" : 2"#, #""r" : 99999999999999999999"#, "r must be a whole number"),
    (#""lora_alpha" : 3"#, #""lora_alpha" : 1e39"#, "lora_alpha"), ("{", "[", "not valid"),
    (#"    "down_proj""#, #"    "up_proj""#, "names the target model.layers.0.mlp.up_proj"),
    (#"    "down_proj""#, #"    "down_proj", "up_proj""#, "up_proj"),
    (#"    "down_proj""#, #"    "down_proj", 3"#, "target_modules"),
    (#""v_proj","#, "", "v_proj"),
    (#""r" : 2"#, #""r" : 2, "r" : 2"#, "twice"),
  ])
  func `an adapter that would not be run rightly is refused by name`(
    old: String, new: String, word: String
  ) throws {
    try withAdapter { url, _, configuration in
      let file = url.appendingPathComponent(AdapterFolder.configurationName)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains(old), "\(text)")
      try Data(text.replacing(old, with: new, maxReplacements: 1).utf8).write(to: file)
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.read(url, on: configuration)
      }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
      #expect(error?.path.hasPrefix(url.path) == true)
    }
  }

  /// Changes of `adapter_config.json` that leave what the adapter computes as it is.
  @Test(arguments: [
    (#""use_dora" : false"#, #""a_new_feature" : null, "another" : {}, "third" : false"#),
    (#""fan_in_fan_out" : false"#, #""fan_in_fan_out" : true"#),
    (#""lora_dropout" : 0"#, #""lora_dropout" : 0.5, "qalora_group_size" : 16"#),
    (#""use_dora" : false"#, #""init_lora_weights" : "orthogonal""#),
    (#""use_dora" : false"#, #""init_lora_weights" : "gaussian""#),
    (#""use_dora" : false"#, #""init_lora_weights" : "eva", "eva_config" : {"rho" : 2}"#),
    (#""use_dora" : false"#, #""init_lora_weights" : false"#),
    (#""use_dora" : false"#, #""layers_to_transform" : 0, "layers_pattern" : "layers""#),
    (#""use_dora" : false"#, #""exclude_modules" : ".*up_proj""#),
    (#""r" : 2"#, #""r" : 7, "rank_pattern" : {"(v|down)_proj": 2, "v_proj": 9}"#),
    (#""lora_alpha" : 3"#, #""lora_alpha" : 7, "alpha_pattern" : {".*.layers.0..*": 3}"#),
    (#"    "down_proj""#, #"    "model.layers.0.mlp.down_proj""#),
    (#"    "down_proj""#, #"    "mlp.down_proj", "c_attn""#),
  ])
  func `what changes nothing is read`(old: String, new: String) throws {
    try withAdapter { url, adapter, configuration in
      let file = url.appendingPathComponent(AdapterFolder.configurationName)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.contains(old), "\(text)")
      try Data(text.replacing(old, with: new, maxReplacements: 1).utf8).write(to: file)
      #expect(try AdapterFolder.read(url, on: configuration).settings == adapter.settings)
    }
  }

  @Test func `ranks, alphas and their scale are of each matrix`() throws {
    let configuration = try Model.tiny(vocabularySize: 300, contextLength: 32).configuration
    let names = AdapterSettings.matrices(of: configuration).map(\.name)
    let settings = AdapterSettings(
      targets: [
        AdapterSettings.Target(matrix: names[0], rank: 2, alpha: -3),
        AdapterSettings.Target(matrix: names[1], rank: 40, alpha: -3),
        AdapterSettings.Target(matrix: names[5], rank: 2, alpha: 0.1),
      ], isRankStabilized: true)
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("adapter")
      try AdapterFolder.write(Adapter(settings, on: configuration), base: "b", card: "", to: url)
      #expect(try AdapterFolder.read(url, on: configuration).settings == settings)
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.read(url, plan: AdapterPlan(rank: 2, alpha: 4), on: configuration)
      }
      #expect(error?.problem.contains("another run") == true)
    }
  }

  /// Tensors that PEFT saves beside A and B, or that are of another model.
  @Test(arguments: [
    ("base_model.model.model.embed_tokens.weight", "embedding"),
    ("base_model.model.lm_head.lora_A.weight", "head"),
    ("base_model.model.model.layers.0.mlp.down_proj.lora_magnitude_vector", "DoRA"),
    ("base_model.model.model.layers.0.mlp.down_proj.lora_B.bias", "bias"),
    ("base_model.model.model.layers.7.mlp.down_proj.lora_A.weight", "another model"),
    ("model.layers.0.mlp.down_proj.lora_A.weight", "none of an adapter"),
    ("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", "up_proj.lora_B"),
    ("base_model.model.model.layers.0.mlp.down_proj.lora_A.default.weight", "both"),
  ])
  func `tensors that are no targets are refused by name`(name: String, word: String) throws {
    try withAdapter { url, adapter, configuration in
      let file = url.appendingPathComponent(AdapterFolder.parametersName)
      let one = FloatStorage(count: 1)
      let tensors = adapter.entries.map {
        (
          name: "base_model.model." + $0.name, shape: $0.shape,
          floats: adapter.parameters.slice($0.offset, $0.count)
        )
      }
      try Safetensors.write(tensors + [(name: name, shape: [1], floats: one.floats)], to: file)
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.read(url, on: configuration)
      }
      #expect(error?.problem.contains(word) == true, "\(error?.problem ?? "")")
      #expect(error?.path == file.path)
    }
  }

  @Test func `tensors may be named after the default adapter`() throws {
    try withAdapter { url, adapter, configuration in
      let tensors = adapter.entries.map {
        (
          name: "base_model.model." + $0.name.replacing(".weight", with: ".default.weight"),
          shape: $0.shape, floats: adapter.parameters.slice($0.offset, $0.count)
        )
      }
      try Safetensors.write(tensors, to: url.appendingPathComponent(AdapterFolder.parametersName))
      let again = try AdapterFolder.read(url, on: configuration)
      #expect(again.parameters.array == adapter.parameters.array)
    }
  }

  @Test func `a pickle is not read`() throws {
    try withAdapter { url, _, configuration in
      try FileManager.default.moveItem(
        at: url.appendingPathComponent(AdapterFolder.parametersName),
        to: url.appendingPathComponent("adapter_model.bin"))
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.read(url, on: configuration)
      }
      #expect(error?.problem.contains("pickle") == true)
    }
  }

  @Test func `a file that is cut short is named`() throws {
    try withAdapter { url, _, configuration in
      let file = url.appendingPathComponent(AdapterFolder.parametersName)
      try Data(contentsOf: file).dropLast(4).write(to: file)
      let error = #expect(throws: FileError.self) {
        try AdapterFolder.read(url, on: configuration)
      }
      #expect(error?.path == file.path)
      try FileManager.default.removeItem(
        at: url.appendingPathComponent(AdapterFolder.configurationName))
      #expect(throws: FileError.self) { try AdapterFolder.read(url, on: configuration) }
    }
  }
}
