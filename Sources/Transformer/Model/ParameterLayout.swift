/// Where each parameter lies in the one arena that holds them all.
///
/// Names and shapes are those of Hugging Face checkpoints. Query, key and value weights lie next to
/// each other, as do gate and up, so that each group is one matrix product.
public struct ParameterLayout: Sendable {
  /// One tensor: its name in `model.safetensors`, its shape, and its first float in the arena.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let shape: [Int]
    public let offset: Int
    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
  }

  /// Offsets of one layer's tensors.
  struct Layer: Sendable {
    var attentionNorm = 0
    /// `[queryWidth + 2 · keyValueWidth, hiddenSize]`: the rows of q, then k, then v.
    var queryKeyValue = 0
    /// `[queryWidth + 2 · keyValueWidth]`
    var queryKeyValueBias = 0
    var queryNorm = 0
    var keyNorm = 0
    /// `[hiddenSize, queryWidth]`
    var attentionOutput = 0
    var feedForwardNorm = 0
    /// `[2 · intermediateSize, hiddenSize]`: the rows of gate, then up.
    var gateUp = 0
    /// `[hiddenSize, intermediateSize]`
    var down = 0
  }

  /// Every tensor in the order of the arena.
  public private(set) var entries: [Entry] = []
  /// Floats in the arena.
  public private(set) var count = 0
  private(set) var embedding = 0
  private(set) var layers: [Layer] = []
  private(set) var finalNorm = 0
  /// The embedding's offset where the head is tied to it.
  private(set) var head = 0

  public init(_ configuration: Configuration) {
    let c = configuration
    embedding = append("model.embed_tokens.weight", [c.vocabularySize, c.hiddenSize])
    for index in 0..<c.layerCount {
      let prefix = "model.layers.\(index)."
      var layer = Layer()
      layer.attentionNorm = append(prefix + "input_layernorm.weight", [c.hiddenSize])
      layer.queryKeyValue = append(
        prefix + "self_attn.q_proj.weight", [c.queryWidth, c.hiddenSize])
      _ = append(prefix + "self_attn.k_proj.weight", [c.keyValueWidth, c.hiddenSize])
      _ = append(prefix + "self_attn.v_proj.weight", [c.keyValueWidth, c.hiddenSize])
      if c.hasQueryKeyValueBias {
        layer.queryKeyValueBias = append(prefix + "self_attn.q_proj.bias", [c.queryWidth])
        _ = append(prefix + "self_attn.k_proj.bias", [c.keyValueWidth])
        _ = append(prefix + "self_attn.v_proj.bias", [c.keyValueWidth])
      }
      if c.normalizesQueriesAndKeys {
        layer.queryNorm = append(prefix + "self_attn.q_norm.weight", [c.headSize])
        layer.keyNorm = append(prefix + "self_attn.k_norm.weight", [c.headSize])
      }
      layer.attentionOutput = append(
        prefix + "self_attn.o_proj.weight", [c.hiddenSize, c.queryWidth])
      layer.feedForwardNorm = append(prefix + "post_attention_layernorm.weight", [c.hiddenSize])
      layer.gateUp = append(prefix + "mlp.gate_proj.weight", [c.intermediateSize, c.hiddenSize])
      _ = append(prefix + "mlp.up_proj.weight", [c.intermediateSize, c.hiddenSize])
      layer.down = append(prefix + "mlp.down_proj.weight", [c.hiddenSize, c.intermediateSize])
      layers.append(layer)
    }
    finalNorm = append("model.norm.weight", [c.hiddenSize])
    head =
      c.tiesEmbeddings ? embedding : append("lm_head.weight", [c.vocabularySize, c.hiddenSize])
  }

  public var layerCount: Int { layers.count }

  /// The floats of one layer in the arena, `index` counted from 0: its tensors lie next to each other.
  public func range(ofLayer index: Int) -> Range<Int> {
    let end = index + 1 < layers.count ? layers[index + 1].attentionNorm : finalNorm
    return layers[index].attentionNorm..<end
  }

  private mutating func append(_ name: String, _ shape: [Int]) -> Int {
    let entry = Entry(name: name, shape: shape, offset: count)
    entries.append(entry)
    count += entry.count
    return entry.offset
  }
}
