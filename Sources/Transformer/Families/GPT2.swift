import Kernels
import Support

extension ModelFamily {
  /// GPT-2 (`modeling_gpt2.py` of transformers): learned positions, layer norms, a bias everywhere,
  /// and matrices that files store transposed.
  public static let gpt2 = ModelFamily(
    architecture: "GPT2LMHeadModel", modelType: "gpt2",
    format: {
      var format = ConfigurationFormat(contextLength: 1024, endOfTextToken: 50_256)
      format.keys.hiddenSize = "n_embd"
      format.keys.intermediateSize = "n_inner"
      format.keys.layerCount = "n_layer"
      format.keys.headCount = "n_head"
      format.keys.keyValueHeadCount = nil
      format.keys.headSize = nil
      format.keys.contextLength = "n_positions"
      format.keys.normEpsilon = "layer_norm_epsilon"
      format.keys.activation = "activation_function"
      format.feedForwardFactor = 4
      format.normEpsilon = 1e-5
      format.activation = "gelu_new"
      format.tiesEmbeddings = true
      return format
    }(),
    readSettings: { file, c in
      c.rotaryShare = 0
      if try file.flag("scale_attn_weights") == false { c.attentionScale = 1 }
      if try file.flag("scale_attn_by_inverse_layer_idx") == true {
        throw ConfigurationError(
          "scale_attn_by_inverse_layer_idx is true, which means another scale of attention in "
            + "every layer; only false is supported")
      }
      // The same as n_positions in old files, and not read by transformers.
      file.skip("n_ctx", "reorder_and_upcast_attn")
    },
    settings: { c in
      [("scale_attn_weights", .boolean(c.attentionScale == nil))]
    },
    prefix: "transformer.", embedding: "wte.weight",
    ignoredTensors: [".attn.bias", ".attn.masked_bias"],
    weights: { parameters, c in
      let embedding = TokenEmbedding(
        &parameters, "transformer.wte", positions: "transformer.wpe", c)
      let layers = (0..<c.layerCount).map { layer in
        parameters.layer("transformer.h.\(layer).") { parameters in
          SequentialBlock(
            attentionNorm: Norm(&parameters, "ln_1", c, .layer),
            attention: SelfAttention(
              queryKeyValue: Linear(
                &parameters, [("attn.c_attn", 3 * c.queryWidth)], inputs: c.hiddenSize,
                hasBias: true, order: .transposed),
              output: Linear(
                &parameters, [("attn.c_proj", c.hiddenSize)], inputs: c.queryWidth, hasBias: true,
                initial: .zeros, order: .transposed),
              c, layer: layer),
            feedForwardNorm: Norm(&parameters, "ln_2", c, .layer),
            feedForward: FeedForward(
              up: Linear(
                &parameters, [("mlp.c_fc", c.intermediateSize)], inputs: c.hiddenSize,
                hasBias: true, order: .transposed),
              down: Linear(
                &parameters, [("mlp.c_proj", c.hiddenSize)], inputs: c.intermediateSize,
                hasBias: true, initial: .zeros, order: .transposed),
              isGated: false, c))
        }
      }
      let head = OutputHead(
        &parameters, norm: "transformer.ln_f", .layer, matrix: "lm_head", tiedTo: embedding, c)
      return Weights(embedding: embedding, layers: layers, head: head)
    })
}
