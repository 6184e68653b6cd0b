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
      AdapterSettings(rank: 2, alpha: 3, targets: [.value, .down]), on: configuration)
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
    (#""use_rslora" : false"#, #""use_rslora" : true"#, "use_rslora"),
    (#""fan_in_fan_out" : false"#, #""fan_in_fan_out" : true"#, "fan_in_fan_out"),
    (#""use_dora" : false"#, #""rank_pattern" : {"q_proj": 4}"#, "rank_pattern"),
    (#""use_dora" : false"#, #""alpha_pattern" : {"q_proj": 4}"#, "alpha_pattern"),
    (#""use_dora" : false"#, #""modules_to_save" : ["lm_head"]"#, "modules_to_save"),
    (#""use_dora" : false"#, #""layers_to_transform" : [0]"#, "layers_to_transform"),
    ("v_proj", "c_attn", "c_attn"), (#""r" : 2"#, #""r" : 0"#, "rank is 0"),
    (#""r" : 2"#, #""r" : 3"#, "shape"), (#""r" : 2"#, #""r" : "two""#, "r must be a whole number"),
    (#""lora_alpha" : 3"#, #""lora_alpha" : 0"#, "alpha is 0"), ("{", "[", "not valid"),
    (#"    "down_proj""#, #"    "up_proj""#, "lora_A"),
    (#""v_proj","#, "", "more tensors"),
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
