import Support

extension ModelFamily {
  /// Qwen2 and Qwen2.5 (`modeling_qwen2.py` of transformers): Llama with a bias on queries, keys
  /// and values.
  public static let qwen2 = ModelFamily(
    architecture: "Qwen2ForCausalLM", modelType: "qwen2",
    format: ConfigurationFormat(contextLength: 32_768, endOfTextToken: 0),
    readSettings: { file, c in
      try file.readRope(file.ropeSettings(), into: &c)
      try file.readSlidingLayers(into: &c)
      // The biases are there whatever it says.
      file.skip("attention_bias")
    },
    settings: { $0.ropeSettings + $0.slidingSettings },
    weights: { parameters, c in
      .llama(&parameters, c, queryKeyValueBias: true, outputBias: false)
    })
}

extension SettingsReader {
  /// Reads which layers slide, in the keys of Qwen2 and Qwen3.
  func readSlidingLayers(into c: inout Configuration) throws {
    let isUsed = try flag("use_sliding_window") ?? false
    let window = try integer("sliding_window") ?? 4096
    let first = try integer("max_window_layers") ?? 28
    let types = try texts("layer_types")
    guard isUsed else {
      guard types?.allSatisfy({ $0 == "full_attention" }) ?? true else {
        throw ConfigurationError(
          "layer_types holds \(quoted(types?.first { $0 != "full_attention" } ?? "")), but "
            + "use_sliding_window is not true; correct one of them")
      }
      return
    }
    try readLayerTypes(types ?? c.layers { $0 >= first }, window: window, into: &c)
  }

  /// Reads which layers slide from the list of their types.
  func readLayerTypes(_ types: [String], window: Int, into c: inout Configuration) throws {
    if let type = types.first(where: { !["full_attention", "sliding_attention"].contains($0) }) {
      throw ConfigurationError(
        "layer_types holds \(quoted(type)); \"full_attention\" and \"sliding_attention\" are "
          + "supported")
    }
    guard types.count == c.layerCount else {
      throw ConfigurationError(
        "layer_types has \(types.count) entries for \(c.layerCount) layers; correct it")
    }
    let sliding = types.indices.filter { types[$0] == "sliding_attention" }
    (c.slidingLayers, c.slidingWindow) = ([], nil)
    guard !sliding.isEmpty else { return }
    guard window > 0 else {
      throw ConfigurationError("sliding_window is \(window); it must be positive")
    }
    (c.slidingLayers, c.slidingWindow) = (Set(sliding), window)
  }
}

extension Configuration {
  /// The types of all layers.
  func layers(slide: (Int) -> Bool) -> [String] {
    // The count is not validated yet.
    (0..<max(0, min(layerCount, 1 << 10))).map {
      slide($0) ? "sliding_attention" : "full_attention"
    }
  }

  /// Which layers slide, in the keys of Qwen2 and Qwen3.
  var slidingSettings: [(key: String, value: JSONValue)] {
    guard let slidingWindow, !slidingLayers.isEmpty else {
      return [("use_sliding_window", false)]
    }
    return [
      ("use_sliding_window", true), ("sliding_window", .integer(slidingWindow)),
      ("max_window_layers", .integer(slidingLayers.min() ?? layerCount)),
      ("layer_types", .array(layers { slidingLayers.contains($0) }.map(JSONValue.string))),
    ]
  }
}
